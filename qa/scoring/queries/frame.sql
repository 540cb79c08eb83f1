-- Grain: one row per conversation that may be drawn: served by a human agent whose account is known on
-- that day, ended from $first to before $end, with at least $minimum_messages agent messages.
select
    conversations.conversation_id,
    account_now.agent_id,
    conversations.shop,
    conversations.platform,
    (conversations.ended_at at time zone $zone)::date as day
from conversations
join account_now
    on account_now.platform = conversations.platform and account_now.shop = conversations.shop
    and account_now.account = conversations.account
    and (conversations.ended_at at time zone $zone)::date >= account_now.valid_from::date
    and (account_now.valid_to is null
        or (conversations.ended_at at time zone $zone)::date < account_now.valid_to::date)
where conversations.agent_messages >= $minimum_messages and conversations.customer_messages > 0
    and (conversations.ended_at at time zone $zone)::date >= $first::date
    and (conversations.ended_at at time zone $zone)::date < $end::date
order by conversations.conversation_id
