import { alpine } from './alpine.ts'
import { busybox } from './busybox.ts'
import { coredns } from './coredns.ts'
import { httpd } from './httpd.ts'
import type { Image } from './image.ts'
import { klipperHelm } from './klipper-helm.ts'
import { klipperLb } from './klipper-lb.ts'
import { localPathProvisioner } from './local-path-provisioner.ts'
import { metricsServer } from './metrics-server.ts'
import { nginx } from './nginx.ts'
import { pause } from './pause.ts'
import { redis } from './redis.ts'
import { traefik } from './traefik.ts'
import { wellKnown } from './well-known.ts'

/** Every image that the simulated registries hold. What is not here does not exist. */
const images: readonly Image[] = [
  nginx,
  httpd,
  redis,
  busybox,
  alpine,
  pause,
  coredns,
  traefik,
  metricsServer,
  localPathProvisioner,
  klipperLb,
  klipperHelm,
  ...wellKnown,
]

export const imageByRepository: ReadonlyMap<string, Image> = new Map(
  images.flatMap(image => image.repositories.map(repository => [repository, image] as const)),
)
