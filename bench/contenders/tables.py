"""The tables of the contenders beside ours, the same for all of them: a database for each service."""

TABLES = {
    "tickets": """
        create table tickets (
            code text primary key,
            reference text,
            category text not null,
            text text not null,
            reporter jsonb not null,
            state text not null,
            office text,
            deadline timestamptz,
            created_at timestamptz not null,
            updated_at timestamptz not null
        );
        create index on tickets (office, state);
        create index on tickets (reference);
        create table chain (
            ticket text not null references tickets,
            position integer not null,
            message_id uuid not null,
            name text not null,
            body text not null,
            previous text not null,
            hash text not null,
            created_at timestamptz not null,
            primary key (ticket, position)
        );
        create table offers (
            id uuid primary key,
            ticket text not null references tickets,
            office text not null,
            deadline timestamptz not null,
            created_at timestamptz not null
        );
        create index on offers (ticket);
    """,
    "routing": """
        create table decisions (
            id uuid primary key,
            ticket text not null,
            category text not null,
            office text not null,
            deadline timestamptz not null,
            created_at timestamptz not null
        );
        create index on decisions (ticket);
    """,
    "notify": """
        create table notifications (
            id uuid primary key,
            ticket text not null,
            reference text,
            recipient text not null,
            template text not null,
            created_at timestamptz not null
        );
        create index on notifications (ticket);
    """,
}
