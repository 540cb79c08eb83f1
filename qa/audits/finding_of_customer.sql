-- A finding that no message or conversation of the lake carries, or that sits on somebody who was not the agent.
select findings.finding_id as subject, findings.rule, findings.conversation_id, findings.message_id
from findings
left join messages
    on messages.conversation_id = findings.conversation_id and messages.message_id = findings.message_id
left join conversations on conversations.conversation_id = findings.conversation_id
where conversations.conversation_id is null
    or (findings.message_id is not null and (messages.message_id is null or messages.speaker <> 'agent'))
    or (findings.message_id is not null and substring(messages.text, findings."start" + 1, findings."end" - findings."start") <> findings.matched)
