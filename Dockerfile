# MS Cohort Explorer in a container, on the processor. Research use only.
#
#   docker build -t mscohort .
#   docker run --rm -it --network host -v mscohort:/store mscohort demo
#   docker run --rm -it --network host -v mscohort:/store mscohort
#
# The dashboard listens on the loopback only, in a container as everywhere. With `--network host` that is this computer's own
# loopback, http://127.0.0.1:8501; publishing a port (-p) reaches nothing, on purpose.
# For a group there is sign-in, for which docs/user-guide.md says how to listen on another address.
# Scans come in as a read-only volume: `-v /data/scans:/scans:ro mscohort ingest /scans`.

FROM python:3.12-slim-bookworm AS wheel
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir build==1.6.1 \
    && python -m build --wheel --outdir /dist

FROM python:3.12-slim-bookworm
COPY requirements/app.txt requirements/auth.txt requirements/regions.txt /requirements/
RUN pip install --no-cache-dir -r /requirements/app.txt -r /requirements/auth.txt -r /requirements/regions.txt
COPY --from=wheel /dist /dist
RUN pip install --no-cache-dir --no-deps /dist/*.whl \
    && useradd --create-home --uid 1000 mscohort \
    && install --directory --owner mscohort --mode 700 /store
ENV MSCOHORT_STORE=/store
VOLUME /store
USER 1000
WORKDIR /store
ENTRYPOINT ["mscohort"]
CMD ["app", "--no-browser"]
