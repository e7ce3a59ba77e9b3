"""Claude on AWS Bedrock, in Anthropic's own words (InvokeModel), with all that they can say.

Settings and keys as for `bedrock`. Source:
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.bedrock import Bedrock

PROVIDERS.register("bedrock_anthropic")(
    Bedrock(
        name="bedrock_anthropic",
        url="https://bedrock-runtime.{region}.amazonaws.com",
        variable="AWS_BEARER_TOKEN_BEDROCK",
        shape="bedrock_anthropic",
        speaks={"chat": ("bedrock_anthropic",), "count": ("bedrock_anthropic",)},
    )
)
