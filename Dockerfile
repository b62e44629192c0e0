# Willing in a container: the wheel, what its lock names, and a font for Chinese documents. It runs as a user of its own,
# with a read-only root (compose.yaml), and fetches nothing: the weights come with the packages.
# Without the face engine (promise 9): docker build --build-arg LOCK=requirements-without-face.lock .

FROM python:3.11-slim-bookworm AS build
ARG LOCK=requirements.lock
# Without npm's registry: docker build --build-arg BROWSER_PARTS= . (what needs them is off, and says so)
ARG BROWSER_PARTS=required
WORKDIR /source
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock requirements-without-face.lock requirements-build.lock ./
# npm fetches the browser code of others that the wheel holds.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/willing \
 && /opt/willing/bin/pip install --require-hashes --only-binary :all: -r "$LOCK" \
 && /opt/willing/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock --target /build
COPY . .
RUN BROWSER_PARTS="$BROWSER_PARTS" PYTHONPATH=/build /opt/willing/bin/python -m hatchling build --target wheel --directory /wheel \
 && /opt/willing/bin/pip install --no-index --no-deps /wheel/*.whl \
 && /opt/willing/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Willing" \
      org.opencontainers.image.description="School canteen payments where a face is one way among equals." \
      org.opencontainers.image.licenses="Apache-2.0"
# Debian's own updates are wanted, so the font has no version.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /var/lib/willing --shell /usr/sbin/nologin willing \
 && install -d -m 0700 -o willing -g willing /var/lib/willing /var/lib/willing/keys /var/lib/willing/secrets /var/cache/willing /journal
COPY --from=build /opt/willing /opt/willing
ENV PATH=/opt/willing/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    WILLING_HOME=/var/lib/willing \
    XDG_CACHE_HOME=/var/cache/willing
USER 10001:10001
WORKDIR /var/lib/willing
# The databases, the keys, the secrets, derived model files, and the journal of refusals: each can be kept by itself.
VOLUME ["/var/lib/willing", "/var/lib/willing/keys", "/var/lib/willing/secrets", "/var/cache/willing", "/journal"]
EXPOSE 8000
# Any answer below 500 is a server that works: which host names it answers to, and whether by HTTPS, is the school's.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/sign-in/'); sys.exit(c.getresponse().status >= 500)"]
ENTRYPOINT ["willing"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
