/** Compose files and scripts of the seeded CVMs. */

/** Web application with a cache and a reverse proxy. */
export const WEB_COMPOSE = `services:
  proxy:
    image: nginx:1.27.3
    ports:
      - "80:80"
    depends_on:
      - app
    restart: unless-stopped
  app:
    image: ghcr.io/example/web-app:2.4.1
    environment:
      DATABASE_URL: \${DATABASE_URL}
      API_TOKEN: \${API_TOKEN}
      LOG_LEVEL: info
    volumes:
      - app-data:/data
    restart: unless-stopped
  cache:
    image: redis:7.4.1-alpine
    command: ["redis-server", "--save", ""]
    restart: unless-stopped
volumes:
  app-data: {}
`;

/** Worker with a queue, without open ports. */
export const WORKER_COMPOSE = `services:
  worker:
    image: ghcr.io/example/worker:1.9.0
    environment:
      QUEUE_URL: \${QUEUE_URL}
    restart: always
  queue:
    image: nats:2.10.24
    restart: always
`;

/** Model server on a GPU. */
export const GPU_COMPOSE = `services:
  vllm:
    image: vllm/vllm-openai:v0.6.6
    command: ["--model", "Qwen/Qwen2.5-7B-Instruct", "--port", "8000"]
    ports:
      - "8000:8000"
    environment:
      HF_TOKEN: \${HF_TOKEN}
    deploy:
      resources:
        reservations:
          devices:
            - driver: nvidia
              count: all
              capabilities: [gpu]
    restart: unless-stopped
`;

/** Small service, used by the fleet. */
export const FLEET_COMPOSE = `services:
  agent:
    image: ghcr.io/example/agent:0.3.2
    ports:
      - "8080:8080"
    restart: unless-stopped
`;

/** Pre-launch script, which runs before the containers start. */
export const SETUP_SCRIPT = `#!/bin/bash
set -euo pipefail
echo "pulling images"
docker compose pull --quiet
echo "free space: $(df -h / | awk 'NR==2 {print $4}')"
`;
