"""What is computed from messages, ratings and policy, without a store: check, metrics, scores, appraisal."""
