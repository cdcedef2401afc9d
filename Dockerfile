# Runs on the build machine's processor, also if the image is for another one.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src

# A separate layer, cached until a dependency changes.
COPY go.mod go.sum ./
RUN go mod download

# There is no git here, so the version is passed in. Without cgo the program needs no libc, so
# the image contains nothing else.
COPY . .
ARG TARGETARCH VERSION COMMIT BUILT
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -X chatserver/commands.version=$VERSION -X chatserver/commands.commit=$COMMIT -X chatserver/commands.built=$BUILT" -o /out/chatserver .

# An empty image has no mkdir.
RUN mkdir -p /out/data

FROM scratch
LABEL org.opencontainers.image.title="chatserver" \
      org.opencontainers.image.description="A self-hosted chat" \
      org.opencontainers.image.licenses="MIT"

# The certificate authorities for outgoing TLS connections.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/chatserver /chatserver
COPY --from=build --chown=65532:65532 /out/data /data

# Not root. A numeric ID, because an empty image has no user names.
USER 65532:65532
WORKDIR /
VOLUME /data

# Inside a container the admin listener listens on all addresses, for probes and
# Prometheus. Publish only 9090.
ENV CHAT_DATA=/data CHAT_OPS=:9797
EXPOSE 9090 9797

# On SIGTERM the chat stores accepted messages and closes its connections.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/chatserver", "healthcheck"]
ENTRYPOINT ["/chatserver"]
