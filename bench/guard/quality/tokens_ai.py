"""Keys of those who serve models and their tools, in the forms that their own pages show."""

from __future__ import annotations

from bench.guard.quality.subjects import token

OPENAI = "T3Blbk" + "FJ"
"""Stands amid every key of OpenAI: its name in base64."""

TOKENS = (
    token("OpenAI", "API key", "OPENAI_API_KEY OPENAI_KEY", lambda d: f"sk-{d.mixed(20)}{OPENAI}{d.mixed(20)}"),
    token("OpenAI", "project key", "OPENAI_API_KEY", lambda d: f"sk-proj-{d.url64(74)}{OPENAI}{d.url64(74)}"),
    token("OpenAI", "service key", "OPENAI_API_KEY", lambda d: f"sk-svcacct-{d.url64(58)}{OPENAI}{d.url64(58)}"),
    token("OpenAI", "admin key", "OPENAI_ADMIN_KEY", lambda d: f"sk-admin-{d.url64(58)}{OPENAI}{d.url64(58)}"),
    token("Anthropic", "API key", "ANTHROPIC_API_KEY CLAUDE_KEY", lambda d: f"sk-ant-api03-{d.url64(93)}AA"),
    token("Anthropic", "admin key", "ANTHROPIC_ADMIN_KEY", lambda d: f"sk-ant-admin01-{d.url64(93)}AA"),
    token("Anthropic", "OAuth token", "CLAUDE_CODE_OAUTH_TOKEN", lambda d: f"sk-ant-oat01-{d.url64(93)}AA"),
    token("Google", "API key", "GOOGLE_API_KEY GEMINI_API_KEY", lambda d: f"AIza{d.url64(35)}"),
    token("Hugging Face", "user token", "HF_TOKEN HUGGINGFACE_TOKEN", lambda d: f"hf_{d.mixed(34)}"),
    token("Groq", "API key", "GROQ_API_KEY", lambda d: f"gsk_{d.mixed(52)}"),
    token("Cohere", "API key", "COHERE_API_KEY CO_API_KEY", lambda d: d.mixed(40)),
    token("Mistral", "API key", "MISTRAL_API_KEY", lambda d: d.mixed(32)),
    token("OpenRouter", "API key", "OPENROUTER_API_KEY", lambda d: f"sk-or-v1-{d.hex(64)}"),
    token("Replicate", "API token", "REPLICATE_API_TOKEN", lambda d: f"r8_{d.mixed(37)}"),
    token("Perplexity", "API key", "PERPLEXITY_API_KEY PPLX_API_KEY", lambda d: f"pplx-{d.mixed(48)}"),
    token("xAI", "API key", "XAI_API_KEY", lambda d: f"xai-{d.mixed(80)}"),
    token("DeepSeek", "API key", "DEEPSEEK_API_KEY", lambda d: f"sk-{d.hex(32)}"),
    token("Together", "API key", "TOGETHER_API_KEY", lambda d: d.hex(64)),
    token("Fireworks", "API key", "FIREWORKS_API_KEY", lambda d: f"fw_{d.mixed(24)}"),
    token("Cerebras", "API key", "CEREBRAS_API_KEY", lambda d: f"csk-{d.lower(48)}"),
    token("NVIDIA", "API key", "NVIDIA_API_KEY NGC_API_KEY", lambda d: f"nvapi-{d.url64(64)}"),
    token("ElevenLabs", "API key", "ELEVENLABS_API_KEY", lambda d: f"sk_{d.hex(48)}"),
    token("AssemblyAI", "API key", "ASSEMBLYAI_API_KEY", lambda d: d.hex(32)),
    token("Deepgram", "API key", "DEEPGRAM_API_KEY", lambda d: d.hex(40)),
    token("LangSmith", "API key", "LANGSMITH_API_KEY", lambda d: f"lsv2_pt_{d.hex(32)}_{d.hex(10)}"),
    token("Langfuse", "secret key", "LANGFUSE_SECRET_KEY", lambda d: f"sk-lf-{d.uuid()}"),
    token("Weights & Biases", "API key", "WANDB_API_KEY", lambda d: d.hex(40)),
    token("Pinecone", "API key", "PINECONE_API_KEY", lambda d: f"pcsk_{d.mixed(5)}_{d.mixed(63)}"),
    token("Voyage", "API key", "VOYAGE_API_KEY", lambda d: f"pa-{d.url64(43)}"),
    token("Jina", "API key", "JINA_API_KEY", lambda d: f"jina_{d.hex(32)}{d.url64(28)}"),
    token("Tavily", "API key", "TAVILY_API_KEY", lambda d: f"tvly-dev-{d.mixed(32)}"),
    token("LlamaCloud", "API key", "LLAMA_CLOUD_API_KEY", lambda d: f"llx-{d.mixed(48)}"),
    token("Exa", "API key", "EXA_API_KEY", lambda d: d.uuid()),
    token("Firecrawl", "API key", "FIRECRAWL_API_KEY", lambda d: f"fc-{d.hex(32)}"),
    token("Modal", "token secret", "MODAL_TOKEN_SECRET", lambda d: f"as-{d.mixed(22)}"),
    token("RunPod", "API key", "RUNPOD_API_KEY", lambda d: f"rpa_{d.upper(40)}{d.lower(6)}"),
    token("E2B", "API key", "E2B_API_KEY", lambda d: f"e2b_{d.hex(40)}"),
    token("Apify", "API token", "APIFY_TOKEN", lambda d: f"apify_api_{d.mixed(36)}"),
)
