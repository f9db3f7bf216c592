# Two stages: wheels are built in the first, and only installed in the second.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY searchapp searchapp
COPY training training
COPY index_builder index_builder
COPY ui ui
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheels

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 searchapp
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[ui,server,files]" && rm -rf /wheels
USER searchapp
ENV SEARCHAPP_HOME=/home/searchapp/data \
    GRADIO_ANALYTICS_ENABLED=False
VOLUME /home/searchapp/data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/', timeout=4)"]
# A container is reached from outside itself: put a proxy with authentication in front of the port.
CMD ["searchapp", "demo", "--host", "0.0.0.0", "--port", "7860"]
