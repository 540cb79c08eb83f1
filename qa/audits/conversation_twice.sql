-- A conversation that stands on two days, or whose messages do not number as many as it says.
with counted as (select conversation_id, count(*) as rows, max(position) + 1 as positions from messages group by all)
select conversations.conversation_id as subject, count(*) as times, any_value(counted.rows) as messages
from conversations left join counted using (conversation_id)
group by conversations.conversation_id
having count(*) > 1 or any_value(counted.rows) is distinct from any_value(conversations.messages)
    or any_value(counted.positions) is distinct from any_value(conversations.messages)
