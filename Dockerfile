FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
WORKDIR /app
COPY package.json ./
# READMEs of the packages stay in: the sample upstream serves searches over them.
COPY --from=dependencies /app/node_modules ./node_modules
COPY service ./service
# The guard is a program of the same image: it knows what the release that it judges is made of.
COPY alerts ./alerts
# So are what drills it, and what takes its faults back.
COPY chaos ./chaos
# Drills are programs of it too: a fault proxy, the keeper and whoever judges a run know the same definition.
COPY chaos ./chaos
# By number, because Kubernetes cannot tell whether a named user is root.
RUN install -d -o 10001 -g 10001 .compiled
USER 10001:10001
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled
RUN node service/precompile.ts && node alerts/rollback/precompile.ts && node chaos/drill/cluster/precompile.ts
ARG SLUICE_COMMIT=unknown
ENV SLUICE_COMMIT=${SLUICE_COMMIT}
EXPOSE 8080 9464
CMD ["node", "service/main.ts"]
