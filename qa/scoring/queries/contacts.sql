-- Grain: one row per conversation and account that served it (account null: a bot or nobody).
-- In: messages and conversations of whole conversations.
-- A gap is what lies between two human messages, closed by the second. A round is a gap in which the
-- customer spoke; its clock starts with the customer's first message after the bot's last one, or with the
-- bot's last one where it handed over. Customer words after the last human message are an unanswered
-- round only when they look like a question.
with
spoken as (
    select *,
        count(*) filter (where speaker = 'agent') over (
            partition by conversation_id order by position
            rows between unbounded preceding and 1 preceding
        ) as gap
    from messages
    where speaker in ('customer', 'agent', 'bot')
),
placed as (
    select *, max(position) filter (where speaker = 'bot') over (partition by conversation_id, gap) as last_bot
    from spoken
),
gaps as (
    select
        conversation_id,
        gap,
        any_value(account) filter (where speaker = 'agent') as answered_by,
        count(*) filter (where speaker = 'customer') as asked,
        count(*) filter (where speaker = 'agent') as replies,
        coalesce(
            min(sent_at) filter (where speaker = 'customer' and position > coalesce(last_bot, -1)),
            max(sent_at) filter (where speaker = 'bot')
        ) as waiting_since,
        max(sent_at) filter (where speaker = 'agent') as replied_at,
        coalesce(bool_or(speaker = 'customer' and position > coalesce(last_bot, -1)
            and regexp_matches(text, '[?？吗呢]')), false) as question
    from placed
    group by conversation_id, gap
),
rounds as (
    select
        gaps.*,
        case when replies > 0 then answered_by else whole.account end as account,
        asked > 0 and (replies > 0 or (question and whole.account is not null)) as is_round,
        case when asked > 0 and replies > 0 then epoch(replied_at - waiting_since)::bigint end as seconds
    from gaps join conversations as whole using (conversation_id)
),
ordered as (
    select *, row_number() over (
        partition by conversation_id, account order by (seconds is null), gap
    ) as turn
    from rounds
),
served as (
    select
        conversation_id,
        account,
        sum(replies)::bigint as agent_messages,
        sum(asked)::bigint as customer_messages,
        max(seconds) as longest_wait,
        count(*) filter (where turn = 1 and seconds is not null) as first_n,
        coalesce(sum(seconds) filter (where turn = 1), 0)::bigint as first_seconds,
        count(*) filter (where turn = 1 and seconds <= 30) as first_30s,
        count(*) filter (where turn = 1 and seconds <= 180) as first_180s,
        count(*) filter (where turn = 1 and seconds <= 300) as first_300s,
        count(*) filter (where is_round) as rounds,
        count(*) filter (where is_round and seconds is not null) as answered,
        coalesce(sum(seconds) filter (where is_round), 0)::bigint as response_seconds,
        count(*) filter (where is_round and seconds <= 30) as answered_30s,
        count(*) filter (where is_round and seconds <= 180) as answered_180s,
        count(*) filter (where is_round and seconds <= 300) as answered_300s
    from ordered
    group by conversation_id, account
),
everyone as (
    select conversation_id, account from served
    union
    select conversation_id, account from conversations
)
select
    whole.platform,
    whole.shop,
    everyone.account,
    whole.conversation_id,
    whole.ended_at,
    longest_wait,
    1::bigint as conversations,
    mine::bigint as ended,
    coalesce(served.agent_messages, 0) as agent_messages,
    coalesce(served.customer_messages, 0) as customer_messages,
    coalesce(first_n, 0) as first_n,
    coalesce(first_seconds, 0) as first_seconds,
    coalesce(first_30s, 0) as first_30s,
    coalesce(first_180s, 0) as first_180s,
    coalesce(first_300s, 0) as first_300s,
    coalesce(rounds, 0) as rounds,
    coalesce(answered, 0) as answered,
    coalesce(response_seconds, 0) as response_seconds,
    coalesce(answered_30s, 0) as answered_30s,
    coalesce(answered_180s, 0) as answered_180s,
    coalesce(answered_300s, 0) as answered_300s,
    (whole.agent_messages = 0 and whole.customer_messages > 0
        and not exists (select 1 from placed where placed.conversation_id = whole.conversation_id
            and placed.speaker = 'bot'))::bigint as unanswered,
    coalesce(mine and rating = 'satisfied', false)::bigint as satisfied,
    coalesce(mine and rating = 'neutral', false)::bigint as neutral,
    coalesce(mine and rating = 'disappointed', false)::bigint as disappointed,
    coalesce(mine and rating = 'neutral' and rating_reason = 'attitude', false)::bigint as attitude_neutral,
    coalesce(mine and rating = 'disappointed' and rating_reason = 'attitude', false)::bigint as attitude_disappointed,
    (mine and ordered_at is not null)::bigint as ordered,
    (mine and paid_at is not null)::bigint as paid,
    case when mine and paid_at is not null then coalesce(round(paid_amount * 100), 0) else 0 end::bigint as paid_fen
from everyone
join (select *, account as last_account from conversations) as whole using (conversation_id)
left join served on served.conversation_id = everyone.conversation_id
    and served.account is not distinct from everyone.account
cross join lateral (select coalesce(everyone.account is not distinct from whole.last_account, false) as mine) as own
order by whole.conversation_id, everyone.account nulls first
