# One image for all our processes (target `callcenter`, the last one and so the default) and one for the SIP edge
# (target `edge`). docs/deploying.md says how both are run; docs/decisions/0013-containers.md why they look like this.
#
# The bases are pinned by tag and are arguments, so that a registry of one's own, or a digest, can take their place:
#   docker build --build-arg PYTHON_IMAGE=registry.example/python:3.13.7-slim-bookworm@sha256:… .
ARG PYTHON_IMAGE=python:3.13.7-slim-bookworm
ARG NODE_IMAGE=node:22.20.0-bookworm-slim
ARG GO_IMAGE=golang:1.26.6-bookworm
ARG DEBIAN_IMAGE=debian:12.11-slim

# --- The console's files ---
FROM ${NODE_IMAGE} AS console
WORKDIR /build/admin
COPY admin/package.json admin/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY admin/ ./
RUN npm run build

# --- The sender, which holds attendants' connections (docs/decisions/0024-packets-encoded-once.md) ---
FROM ${GO_IMAGE} AS sender
WORKDIR /build/engine
COPY engine/go.mod engine/go.sum ./
COPY engine/sender/ sender/
RUN CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags="-s -w" -o /callcenter-sender ./sender

# --- Python packages exactly as locked, compiled now: a read-only root keeps no bytecode ---
FROM ${PYTHON_IMAGE} AS packages
ARG UV_VERSION=0.13.8
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN /opt/uv/bin/uv sync --locked --no-dev --no-install-project --python python3
COPY callcenter/ callcenter/
COPY sip/ sip/
COPY migrations/ migrations/
# Editable: the console's files and the migrations are found beside the package.
RUN /opt/uv/bin/uv sync --locked --no-dev --python python3 \
    && .venv/bin/python -m compileall -q callcenter sip migrations

# --- The SIP edge: Debian's Kamailio; its configuration is written by `python -m sip edge` into a volume ---
FROM ${DEBIAN_IMAGE} AS edge
# Debian keeps only its newest build of a package: the release pins the version (bookworm: Kamailio 5.6.3).
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends kamailio kamailio-utils-modules \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
CMD ["kamailio", "-f", "/data/kamailio.cfg", "-DD", "-E"]

# --- Our processes: api, router, attendant, agent, and the one-off commands ---
FROM ${PYTHON_IMAGE} AS callcenter
LABEL org.opencontainers.image.title="callcenter" \
      org.opencontainers.image.description="An open-source AI contact center on LiveKit" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 callcenter \
    && useradd --uid 10001 --gid callcenter --no-create-home --home-dir /tmp --shell /usr/sbin/nologin callcenter \
    && install --directory --mode=0700 --owner=callcenter --group=callcenter /data
WORKDIR /app
COPY --from=packages /app /app
COPY --from=console /build/admin/dist /app/admin/dist
COPY --from=sender /callcenter-sender /usr/local/bin/callcenter-sender
# HOME and temporary files lie on a tmpfs; what must outlive a container lies in /data. CALLCENTER_PULSE_FILE: every
# process touches it as long as its event loop turns, which is what the health checks of router, attendant and agent see.
ENV PATH="/app/.venv/bin:${PATH}" \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHON_DOTENV_DISABLED=1 \
    CALLCENTER_DATA_DIR=/data \
    CALLCENTER_HOST=0.0.0.0 \
    CALLCENTER_PULSE_FILE=/tmp/pulse
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Right for api; compose and the chart give router, attendant and agent a check of their own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["callcenter", "api"]
