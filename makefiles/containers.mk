.PHONY: build-dev dev dev-down server client-dev docker-engine

COMPOSE := docker compose --file infra/docker/compose.yaml

docker-engine:
	@docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || { \
	  echo "This needs a running Docker with its compose plugin, and none answers. Without it: make run starts the server, make traces shows its telemetry."; \
	  exit 1; }

build-dev: docker-engine ## Builds the image of server and client
	@$(COMPOSE) build

dev: docker-engine ## Starts server, collector and Jaeger in containers, and says where to look
	@$(COMPOSE) up --detach --build --wait
	@echo
	@echo "  server   127.0.0.1:50051          make client-dev NAME=ana ROOM=general, or make client"
	@echo "  traces   http://127.0.0.1:16686   Jaeger, service chat-grpc"
	@echo "  metrics  http://127.0.0.1:8889/metrics"
	@echo "  logs     $(COMPOSE) logs --follow"
	@echo "  Stop with make dev-down."

dev-down: docker-engine ## Stops what make dev started, and removes it
	@$(COMPOSE) down

# exec: Ctrl+C reaches compose alone. There is no collector, so nothing is exported.
server: docker-engine ## Starts the server alone, in its container
	@CHAT_GRPC_OTEL_ENABLED=false exec $(COMPOSE) up --build server

client-dev: docker-engine ## Opens a client in a container: make client-dev NAME=ana ROOM=general
	@exec $(COMPOSE) run --rm client join $(if $(filter command line,$(origin NAME)),--name "$$NAME") $(if $(filter command line,$(origin ROOM)),--room "$$ROOM")
