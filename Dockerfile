# It runs where the image is built, also when the image is for another processor.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src

# A layer of its own: it stays cached until a dependency changes.
COPY go.mod go.sum ./
RUN go mod download

# Without git it is told what it is. Without cgo the program needs no libc, so the image can be empty but for it.
COPY . .
ARG TARGETARCH VERSION COMMIT BUILT
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -X chatserver/commands.version=$VERSION -X chatserver/commands.commit=$COMMIT -X chatserver/commands.built=$BUILT" -o /out/chatserver .

# An empty image has no mkdir.
RUN mkdir -p /out/data

FROM scratch
LABEL org.opencontainers.image.title="chatserver" \
      org.opencontainers.image.description="A self-hosted chat" \
      org.opencontainers.image.licenses="MIT"

# The authorities that calls to other servers over TLS are checked against.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/chatserver /chatserver
COPY --from=build --chown=65532:65532 /out/data /data

# Not root: by number, because an empty image has no names.
USER 65532:65532
WORKDIR /
VOLUME /data

# Inside a container the operators' port listens on every address, where probes
# and Prometheus reach it. Publish 9090 only.
ENV CHAT_DATA=/data CHAT_OPS=:9797
EXPOSE 9090 9797

# On SIGTERM the chat says goodbye to its connections and stores what is under way.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/chatserver", "healthcheck"]
ENTRYPOINT ["/chatserver"]
