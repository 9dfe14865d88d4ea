import { MiB, server, type Image } from './image.ts'

export const klipperLb: Image = {
  repositories: ['docker.io/rancher/klipper-lb'],
  sizeBytes: 4_932_140,
  newest: '0.4',
  entrypoint: ['entry'],
  cmd: [],
  shell: true,
  programs: ['entry'],
  load: { cpuMilli: 0, memoryBytes: 0.5 * MiB },
  program: context =>
    server({
      // A shell as PID 1 that waits on a pipe: it does not take SIGTERM.
      onTerm: 'ignored',
      *lines() {
        const { DEST_PORT = '80', DEST_PROTO = 'TCP', SRC_PORT = '80', DEST_IPS = '' } = context.env
        const protocol = DEST_PROTO.toLowerCase()
        yield '[INFO]  nft mode detected'
        yield '+ trap exit TERM INT'
        for (const ip of DEST_IPS.split(/[ ,]+/).filter(Boolean)) {
          yield `+ iptables -t filter -A FORWARD -d ${ip}/32 -p ${protocol} --dport ${DEST_PORT} -j ACCEPT`
          yield `+ iptables -t nat -I PREROUTING -p ${protocol} --dport ${SRC_PORT} -j DNAT --to ${ip}:${DEST_PORT}`
          yield `+ iptables -t nat -I POSTROUTING -d ${ip}/32 -p ${protocol} -j MASQUERADE`
        }
        yield '+ [ ! -e /pause ]'
        yield '+ mkfifo /pause'
      },
    }),
}
