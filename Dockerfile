# syntax=docker/dockerfile:1
# The server in an image of its own: built here, then copied beside nothing but what it needs to run.

FROM rust:1.94-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends cmake \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p evently-axum \
    && cp target/release/evently-axum /usr/local/bin/evently-axum

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data evently
COPY --from=build /usr/local/bin/evently-axum /usr/local/bin/evently-axum
USER evently
# Where the SQLite file is, if no other store is set.
WORKDIR /data
VOLUME ["/data"]
ENV PORT=8080
EXPOSE 8080
# bash alone asks: the image has no HTTP client.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
CMD ["evently-axum", "serve"]
