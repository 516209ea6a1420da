select id, depth, locale, model, phase, stage, progress, input_tokens, output_tokens, replies, questions, answers_due_at,
    quality, error_code, error_message, headline, report_hash, estimated_seconds, estimated_seconds_p90, created_at,
    finished_at, plan
from executions where id = $1 and not is_doomed
