# syntax=docker/dockerfile:1
# The service as a native binary on a base without a shell: `docker build .`
# With the AWS SDK, which signs for Amazon MSK with IAM: `docker build --build-arg MSK_IAM=true .`
# The same functions on the official Azure Functions host, for amd64 alone, as its base is: `docker build --target azure .`

# Built on the builder's own architecture and cross-compiled from there: the .NET SDK does not run under QEMU's emulation.
# Ubuntu noble, as the final stage is, so that the binary needs no newer glibc than it finds.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS restore
ARG BUILDARCH
ARG TARGETARCH
# clang and llvm link and strip for any architecture; the cross packages have the other one's libraries. zlib comes with the runtime.
RUN case "$BUILDARCH-$TARGETARCH" in \
        amd64-arm64) cross="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
        arm64-amd64) cross="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
    esac \
    && apt-get update \
    && apt-get install -y --no-install-recommends clang llvm libc6-dev $cross \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# What decides which packages are restored, apart from the sources, which change more often.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY SimpleTime.Functions/SimpleTime.Functions.csproj SimpleTime.Functions/
COPY SimpleTime.Functions.Worker/SimpleTime.Functions.Worker.csproj SimpleTime.Functions.Worker/
COPY SimpleTime.Functions.Worker.Generator/SimpleTime.Functions.Worker.Generator.csproj SimpleTime.Functions.Worker.Generator/
RUN dotnet restore SimpleTime.Functions -a $TARGETARCH

FROM restore AS build
ARG TARGETARCH
ARG VERSION=1.0.0
ARG REVISION=unknown
ARG MSK_IAM=false
COPY . .
RUN dotnet publish SimpleTime.Functions -c Release -a $TARGETARCH --no-restore -o /app \
        -p:MskIam=$MSK_IAM -p:Version=$VERSION -p:SourceRevisionId=$REVISION \
    && mkdir /data

# Any architecture's build is the same there.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build-azure
ARG VERSION=1.0.0
ARG REVISION=unknown
ENV FunctionsHost=azure
WORKDIR /src
COPY . .
RUN dotnet publish SimpleTime.Functions -c Release -o /home/site/wwwroot \
        -p:Version=$VERSION -p:SourceRevisionId=$REVISION

# On Apple silicon too: there is no other.
FROM --platform=linux/amd64 mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0 AS azure
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Simple Time Service on the Azure Functions host" \
      org.opencontainers.image.description="Tells callers what it saw of their request and keeps a durable record of it." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# Without the host's home page, which would answer 200 to every method on / but GET.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureWebJobsDisableHomepage=true \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    FUNCTIONS_WORKER_RUNTIME=dotnet-isolated \
    ASPNETCORE_URLS=http://0.0.0.0:8080
COPY --from=build-azure /home/site/wwwroot /home/site/wwwroot
EXPOSE 8080

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled AS final
ARG VERSION=1.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Simple Time Service" \
      org.opencontainers.image.description="Tells callers what it saw of their request and keeps a durable record of it." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled"
# Whoever runs it chooses the address, by PORT too, which a port of the base would hide; in a container the default is 0.0.0.0:8080.
ENV DOTNET_RUNNING_IN_CONTAINER=true \
    ASPNETCORE_HTTP_PORTS=
WORKDIR /app
COPY --from=build /app /app
# Where a volume for the database and the spool goes. A new volume has the owner of the folder it covers.
COPY --from=build --chown=1654:1654 /data /data
# The base's user "app" by its number, which Kubernetes needs to see that it is not root.
USER 1654:1654
EXPOSE 8080
ENTRYPOINT ["/app/SimpleTime.Functions"]
# Kubernetes has probes of its own and ignores it, as Amazon ECS does; a task definition names the command.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/app/SimpleTime.Functions", "healthcheck"]
