"""OpenAI's operations that are no conversation: embeddings, images, audio, moderations, models, files and batches.

Source: OpenAI's API reference. Their fields are our words for them (`calls.Plain`), so nothing is ever left out between
two providers of this shape; another shape (`gemini_embed`, `cohere_embed`) refuses what it can't say.

| operation     | places (below `/v1`)                                          | body      | answer                   |
|---------------|---------------------------------------------------------------|-----------|--------------------------|
| embedding     | POST embeddings                                               | JSON      | JSON                     |
| image         | POST images/generations; images/edits, images/variations      | JSON; form| JSON, events             |
| speech        | POST audio/speech                                             | JSON      | bytes, events            |
| transcription | POST audio/transcriptions, audio/translations                 | form      | JSON, subtitles, events  |
| moderation    | POST moderations                                              | JSON      | JSON                     |
| models        | GET models, models/{model}                                    | -         | JSON                     |
| files         | POST, GET files; GET, DELETE files/{id}; GET files/{id}/content | form, - | JSON, bytes              |
| batches       | POST, GET batches; GET batches/{id}; POST batches/{id}/cancel | JSON, -   | JSON                     |

An answer that is no JSON is kept as one file of the answer (`Plain.files`), with its content type. A form is passed on
as it is but for the model's name. Where no model is named, OpenAI's own default is meant (`DEFAULTS`). Files and
batches belong to one provider (`owners`).
"""

from __future__ import annotations

from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.openai_plain.shape import NAME, OpenAIPlain

SHAPES.register(NAME)(OpenAIPlain())
