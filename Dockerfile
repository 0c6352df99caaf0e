# TRAINING, NOT FOR HUMAN USE.
FROM node:22-bookworm-slim AS build
WORKDIR /pumprange
COPY . .
# In one layer: what only the build needs is a multiple of the rest, and would be kept.
RUN npm ci --ignore-scripts && npm run build && npm prune --omit=dev --ignore-scripts && rm -rf /root/.npm

FROM node:22-bookworm-slim AS component
WORKDIR /pumprange
COPY --from=build /pumprange /pumprange
# The folder of run data exists and belongs to the user, so that a new volume does too.
RUN mkdir /data && chown 1000:1000 /data && ln -s /pumprange/bin/pumprange.js /usr/local/bin/pumprange
USER 1000:1000
ENTRYPOINT ["pumprange"]
CMD ["up", "--dir", "/data"]

# The router between the networks of docker-compose.yml has two more programs.
FROM component AS router
USER 0:0
RUN command -v nft && command -v ip || \
  { apt-get update && apt-get install -y --no-install-recommends iproute2 nftables && rm -rf /var/lib/apt/lists/*; }

# Last, so that it is what a build without a target makes.
FROM component
