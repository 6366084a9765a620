# Two stages: Debian 12 with Rust builds, a root without a shell runs. `.ci/container` builds and tries it.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY Cargo.toml Cargo.lock askama.toml ./
COPY config/daemon.toml config/daemon.toml
COPY domain domain
COPY providers providers
COPY benches benches
COPY src src
RUN cargo build --locked --release --features lake && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /source/target/release/gpurate /gpurate
# A volume takes the owner of the folder it covers: a named one belongs to the user below from the start.
COPY --from=build --chown=65532:65532 /data /data
# `config/daemon.toml` is read from here, where one is mounted as /config/daemon.toml.
WORKDIR /
ENV GPURATE_LISTEN=0.0.0.0:8080 GPURATE_DATABASE=/data/gpurate.db
VOLUME /data
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/gpurate", "health"]
ENTRYPOINT ["/gpurate"]
CMD ["serve"]
