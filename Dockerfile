# mbflow in a container, without root and without a secret:
#   docker build -t mbflow .
#   docker run --rm -v "$PWD:/work" mbflow validate
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY LICENSE README.md pyproject.toml requirements-dev.txt ./
COPY mbflow mbflow
COPY schemas schemas
# The versions that the tests run with.
RUN python3 -m venv /opt/mbflow \
    && /opt/mbflow/bin/python -m pip install --no-cache-dir --quiet --constraint requirements-dev.txt .

FROM python:3.13-slim-bookworm
COPY --from=build /opt/mbflow /opt/mbflow
ENV PATH=/opt/mbflow/bin:$PATH
WORKDIR /work
# Where the files belong to somebody else: docker run --user "$(id -u):$(id -g)"
USER 1000:1000
ENTRYPOINT ["mbflow"]
CMD ["--help"]
