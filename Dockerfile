# TRAINING, NOT FOR HUMAN USE.
FROM node:22-bookworm-slim AS build
WORKDIR /pumprange
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /pumprange
COPY --from=build /pumprange /pumprange
# The folder of run data exists and belongs to the user, so that a new volume does too.
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
ENTRYPOINT ["node", "bin/pumprange.js"]
CMD ["up", "--dir", "/data"]
