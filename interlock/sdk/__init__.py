"""What publishers import: `step`, `Context`, and the Lambda entry point that runs them.

Needs pydantic and nothing else; boto3 is imported by `interlock.sdk.backend` when an effect needs AWS.
"""
