# One image for the three services and every operator's command: `estafet serve tickets`, `estafet migrate tickets` ...

FROM python:3.13-slim AS build
RUN python -m venv /opt/estafet
WORKDIR /build
COPY requirements/serve.txt requirements/
RUN /opt/estafet/bin/pip install --no-cache-dir --require-hashes -r requirements/serve.txt
COPY pyproject.toml README.md LICENSE ./
COPY estafet estafet
COPY services services
# The last line leaves behind what only an installation needs.
RUN /opt/estafet/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/estafet/bin/pip uninstall --quiet --yes setuptools pip

# What `estafet backup` and `restore` call, and the libraries that it needs and the image lacks; not Perl, which its package wants.
FROM python:3.13-slim AS dump
RUN touch /before \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql-client-17 >/dev/null \
 && install -D -t /opt/postgresql/bin /usr/lib/postgresql/17/bin/pg_dump /usr/lib/postgresql/17/bin/pg_restore \
 && install -d /opt/postgresql/lib \
 && ldd /opt/postgresql/bin/* | awk '/=> \// {print $3}' | sort -u | xargs readlink -f \
  | xargs -I % find % -cnewer /before -exec install -m 0755 -t /opt/postgresql/lib % \;

FROM python:3.13-slim
RUN groupadd --system --gid 10001 estafet \
 && useradd --system --uid 10001 --gid estafet --no-create-home --home-dir /var/lib/estafet estafet \
 && install -d -o estafet -g estafet -m 0750 /var/lib/estafet
COPY --from=dump /opt/postgresql/bin /usr/local/bin
COPY --from=dump /opt/postgresql/lib /usr/local/lib
RUN ldconfig
COPY --from=build /opt/estafet /opt/estafet
WORKDIR /srv/estafet
COPY city city
ENV PATH=/opt/estafet/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ESTAFET_DATA=/var/lib/estafet \
    ESTAFET_HTTP_ADDRESS=0.0.0.0:8000
USER estafet
VOLUME /var/lib/estafet
EXPOSE 8000 8001 8002
# Of whichever services this container serves.
HEALTHCHECK --interval=5s --timeout=10s --retries=12 --start-period=20s CMD ["python", "-m", "estafet.health"]
ENTRYPOINT ["estafet"]
CMD ["--help"]
