"""Words that several commands of a margin book use."""

from typing import Final

POST_A_ROUND: Final = "post a new one: `zksolvency oracle sign --now`, then `zksolvency oracle post`"
