/* The custody protocol: tickets, routing and two offices, over a broker and a database that do their worst.
 *
 * One report. Messages may be doubled, overtaken by others, and lost with their connection before they were acknowledged,
 * that is, delivered again. A service may die at any point between two of its atomic steps: before its commit
 * nothing happened; after it the outbox still has what it said. So a message is a set member that stays until its
 * effect is committed, and that may stay longer (doubled): delivery of any member, in any order, at any time.
 *
 * An inbox would make each effect happen once. It is left out: the version a decision names has to be enough.
 * Properties are at the end; README.md says how to run it. -D HOLDER_AT_OFFER and -D ANY_VERSION break it on purpose.
 */
#define DESK 0            /* offices: 0 the front desk, 1 and 2 two offices; 3 nobody */
#define NOBODY 3
#define CHANGES 7         /* changes of custody that are explored */

mtype:status = { held, requested, offered, convened, done };
mtype:ending = { none, accepted, refused, lapsed, withdrawn, overtaken };

/* The row of the report, as committed. */
mtype:status status = requested;
byte version = 1;
byte receiver = NOBODY;   /* who is asked */
bool must_convene = false;
bool seen[3];

/* The open stretches of custody: exactly one. Each office's own record of holding the baton. */
bool holds[3];
byte changes = 0;

/* How the latest offer ended. */
mtype:ending ended = none;
byte offers = 0;
byte endings = 0;

/* What tickets committed to its outbox and what is on the way to routing: at which version a decision was asked for. */
bool asks[CHANGES + 3];
/* Decisions on the way to tickets, by the version they were made on: an offer to 1, to 2, or convening. */
bool decided_offer[CHANGES + 3];
byte decided_for[CHANGES + 3];
bool decided_convene[CHANGES + 3];
/* Deadlines on the way to tickets, by the version of the offer. */
bool rings[CHANGES + 3];
/* Routing's memory of offers, to time them. */
bool told_offer[CHANGES + 3];

#define HOLDER (holds[1] -> 1 : (holds[2] -> 2 : 0))
#define MORE (changes < CHANGES)

inline ask() { asks[version] = true }

inline end(how) { ended = how; endings++; receiver = NOBODY }

inline hand_to(office) {
    holds[0] = false; holds[1] = false; holds[2] = false; holds[office] = true
}

#ifdef ANY_VERSION
#define CURRENT(v) true
#else
#define CURRENT(v) (v == version)
#endif

/* Tickets hears a decision made on version v. A copy may stay behind: the broker doubled it, or the ack was lost. */
inline hear_offer(v) {
    if
    :: CURRENT(v) && status == requested && !must_convene && MORE ->
        version++; changes++; status = offered; receiver = decided_for[v]; offers++; ended = none;
#ifdef HOLDER_AT_OFFER
        holds[receiver] = true;
#endif
        told_offer[version] = true
    :: else -> skip        /* superseded: kept in the chain, without effect */
    fi;
    if
    :: decided_offer[v] = false
    :: skip
    fi
}

inline hear_convene(v) {
    if
    :: CURRENT(v) && status == requested && MORE -> version++; changes++; status = convened; must_convene = false
    :: else -> skip
    fi;
    if
    :: decided_convene[v] = false
    :: skip
    fi
}

inline hear_ring(v) {
    if
    :: CURRENT(v) && status == offered && MORE ->
        version++; changes++; status = requested; must_convene = true; seen[receiver] = true; end(lapsed); ask()
    :: else -> skip
    fi;
    if
    :: rings[v] = false
    :: skip
    fi
}

/* Tickets: messages in any order, each in one transaction; a crash between any two steps loses nothing of these. */
active proctype Tickets() {
    byte v;
    ask();
    do
    :: atomic { select(v : 1 .. 8); decided_offer[v] -> hear_offer(v) }
    :: atomic { select(v : 1 .. 8); decided_convene[v] -> hear_convene(v) }
    :: atomic { select(v : 1 .. 8); rings[v] -> hear_ring(v) }
    od
}

/* Routing: stateless but for its clocks. It answers each question, maybe again, maybe late; and it may ring at any time. */
active proctype Routing() {
    byte v;
    do
    :: atomic { select(v : 1 .. 8); asks[v] ->
        if
        :: decided_offer[v] == false -> decided_offer[v] = true; decided_for[v] = 1
        :: decided_offer[v] == false -> decided_offer[v] = true; decided_for[v] = 2
        :: decided_convene[v] = true
        fi;
        if
        :: asks[v] = false
        :: skip            /* dies before the ack, or the question is doubled */
        fi }
    :: atomic { select(v : 1 .. 8); told_offer[v] -> rings[v] = true; told_offer[v] = false }
    od
}
