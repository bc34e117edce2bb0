/* The custody protocol of one report: tickets, routing, two offices and the front desk, over a broker and services that
 * do their worst. Properties stand at the end; README.md says how to run it and what each thing here stands for.
 *
 * A service dies, or loses its connection, between any two steps. Before its commit nothing happened. After it, what it
 * said is in its outbox; a publish whose confirm was lost is made again, and a message whose ack was lost comes again. So
 * every such fault is a message that is there once more, and there is no inbox here to hide it: the version that a
 * decision names has to be enough. FAULTS bounds how many, ACTS what people do; messages overtake each other freely.
 */
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef ACTS
#define ACTS 3
#endif
#define DESK 0      /* offices: the front desk, 1 and 2 */
#define NOBODY 3
#define HOPS 2      /* the hop budget */

mtype:status = { held, requested, offered, convened, done };
mtype:message = { ask, offer, convene, timed, ring };

/* The report's row, as committed. */
mtype:status status = requested;
byte version = 1;
byte receiver = NOBODY;     /* who is asked */
bool convening = false;     /* a coordinator has to decide: two refusals, a lapse, or it was asked for */
byte refusals = 0;
byte hops = 0;
bool seen[3];
/* The stretches of custody that are open: one for each office that holds the report. */
bool holds[3];
bool opened = false;

/* Offers made, and how many of them were accepted, refused, lapsed or withdrawn. */
byte offers = 0;
byte endings = 0;

byte faults = FAULTS;
byte acts = ACTS;

/* kind, version, and the offices that may be asked, as the event's ticket block tells them */
chan tickets_outbox = [8] of { mtype:message, byte, bool, bool };
chan to_routing = [8] of { mtype:message, byte, bool, bool };
/* kind, the version decided on, the office */
chan routing_outbox = [8] of { mtype:message, byte, byte };
chan to_tickets = [8] of { mtype:message, byte, byte };

#ifdef ANY_VERSION
#define CURRENT(v) true
#else
#define CURRENT(v) (v == version)
#endif

#define MAY(office) (!convening && !seen[office] && !holds[office] && hops < HOPS)

/* Events of the transaction: an outbox that is full is a model too small, not a fault. */
inline say(kind) {
    assert(nfull(tickets_outbox));
    tickets_outbox!kind, version, MAY(1), MAY(2)
}

inline change_to(now) { version++; status = now }

inline offer_ends() { endings++; receiver = NOBODY }

/* The one open stretch ends, another begins; an office that let go is not asked again. */
inline hand_to(office) {
    seen[1] = seen[1] || (holds[1] && office != 1);
    seen[2] = seen[2] || (holds[2] && office != 2);
    holds[0] = false; holds[1] = false; holds[2] = false;
    holds[office] = true;
    refusals = 0
}

/* Tickets hears decisions and deadlines, each in one transaction. */
active proctype Tickets() {
    byte v, office;
    d_step { holds[DESK] = true; opened = true; say(ask) }
endwaiting:
    do
    :: d_step { to_tickets?offer, v, office ->
        if
        :: CURRENT(v) && status == requested ->
            assert(!convening);                           /* rule 5 */
            assert(!seen[office] && !holds[office]);      /* rule 3 */
            assert(hops < HOPS);                          /* rule 4 */
            change_to(offered); receiver = office; offers++;
#ifdef HOLDER_AT_OFFER
            holds[office] = true;
#endif
            say(timed)
        :: else                                           /* superseded: no effect */
        fi }
    :: d_step { to_tickets?convene, v, office ->
        if
        :: CURRENT(v) && status == requested -> change_to(convened); convening = false
        :: else
        fi }
    :: d_step { to_tickets?ring, v, office ->
        if
        :: CURRENT(v) && status == offered ->
            seen[receiver] = true; convening = true; change_to(requested); offer_ends(); say(ask)
        :: else
        fi }
    od
}

/* Routing remembers nothing of the report: it answers each question from the question itself, and times each offer. */
active proctype Routing() {
    mtype:message kind;
    byte v;
    bool may1, may2;
endwaiting:
    do
    :: atomic { nfull(routing_outbox) && nempty(to_routing) -> to_routing?kind, v, may1, may2;
        if
        :: kind == ask && may1 -> routing_outbox!offer, v, 1
        :: kind == ask && may2 -> routing_outbox!offer, v, 2
        :: kind == ask && (!may1 || !may2) -> routing_outbox!convene, v, NOBODY
        /* The clock runs out some time after it was set, for the office perhaps just as it answers. */
        :: kind == timed -> routing_outbox!ring, v, NOBODY
        fi;
        v = 0; may1 = false; may2 = false }
    od
}

/* The publishers. With a fault the row stays: the confirm was lost, or the service died before it was written down. */
active proctype TicketsPublisher() {
    mtype:message kind;
    byte v;
    bool may1, may2;
endwaiting:
    do
    :: atomic { nfull(to_routing) && nempty(tickets_outbox) -> tickets_outbox?kind, v, may1, may2;
        if
        :: to_routing!kind, v, may1, may2
        :: faults > 0 -> faults--;
#ifdef PUBLISH_ONCE
            skip                                          /* commit, then publish: what is cut is gone */
#else
            to_routing!kind, v, may1, may2; tickets_outbox!kind, v, may1, may2
#endif
        fi }
    od
}

active proctype RoutingPublisher() {
    mtype:message kind;
    byte v, office;
endwaiting:
    do
    :: atomic { nfull(to_tickets) && nempty(routing_outbox) -> routing_outbox?kind, v, office;
        if
        :: to_tickets!kind, v, office
        :: faults > 0 -> faults--; to_tickets!kind, v, office; routing_outbox!kind, v, office
        fi }
    od
}

/* The broker: a message falls behind the others, or is there twice. */
active proctype Broker() {
    mtype:message kind;
    byte v, office;
    bool may1, may2;
endwaiting:
    do
    :: atomic { len(to_tickets) > 1 -> to_tickets?kind, v, office; to_tickets!kind, v, office }
    :: atomic { len(to_routing) > 1 -> to_routing?kind, v, may1, may2; to_routing!kind, v, may1, may2 }
    :: atomic { faults > 0 && nempty(to_tickets) && nfull(to_tickets) ->
        faults--; to_tickets?<kind, v, office>; to_tickets!kind, v, office }
    :: atomic { faults > 0 && nempty(to_routing) && nfull(to_routing) ->
        faults--; to_routing?<kind, v, may1, may2>; to_routing!kind, v, may1, may2 }
    od
}

/* Offices and coordinators: whatever they may do, in any order; and at any moment they may never act again. */
active proctype People() {
    do
    :: d_step { acts > 0 && status == offered -> acts--;                      /* accept */
        hops = hops + !holds[DESK]; hand_to(receiver); change_to(held); offer_ends() }
    :: d_step { acts > 0 && status == offered -> acts--;                      /* refuse */
        seen[receiver] = true; refusals++; convening = refusals >= 2; change_to(requested); offer_ends(); say(ask) }
    :: d_step { acts > 0 && status == offered && !holds[DESK] -> acts--;      /* withdraw */
        change_to(held); offer_ends() }
    :: d_step { acts > 0 && status == offered -> acts--;                      /* resolve: the offer is withdrawn by it */
        change_to(done); offer_ends() }
    :: d_step { acts > 0 && status == held -> acts--; change_to(requested); say(ask) }
    :: d_step { acts > 0 && status == held -> acts--; convening = true; change_to(requested); say(ask) }
    :: d_step { acts > 0 && status == held -> acts--; change_to(done) }
    :: d_step { acts > 0 && status == convened -> acts--; hand_to(1); change_to(held) }   /* assign */
    :: d_step { acts > 0 && status == convened -> acts--; hand_to(2); change_to(held) }
    :: break
    od
}

/* Always exactly one holder. */
ltl one_holder { [] (opened -> holds[0] + holds[1] + holds[2] == 1) }
/* At most one offer is pending, and none is forgotten: each that was made has ended, or is the one that stands. */
ltl offers_counted { [] (offers == endings + (status == offered)) }
/* Every offer ends, and every question is answered, also when no person ever acts again. */
ltl offers_end { [] (status == offered -> <> (status != offered)) }
ltl questions_end { [] (status == requested -> <> (status != requested)) }
