import { MiB, type Image, type Step } from './image.ts'

/** Installs a chart, as K3s' helm controller lets it; takes some seconds and ends. */
export const klipperHelm: Image = {
  repositories: ['docker.io/rancher/klipper-helm'],
  sizeBytes: 76_120_918,
  newest: '0.13',
  entrypoint: ['entry'],
  cmd: [],
  shell: true,
  programs: ['entry', 'helm'],
  load: { cpuMilli: 120, memoryBytes: 46 * MiB },
  program: context => {
    const release = context.env.NAME ?? 'chart'
    const namespace = context.env.TARGET_NAMESPACE ?? 'kube-system'
    return {
      endsByItself: true,
      ports: [],
      listenAfterMs: 0,
      onTerm: { afterMs: 50, code: 143 },
      *run(): Generator<Step, number> {
        yield { print: "+ [[ '' != \\t\\r\\u\\e ]]" }
        yield { print: '+ export HELM_DRIVER=secret' }
        yield { sleepMs: 1400 }
        yield { print: `+ helm ls --all -f '^${release}$' --namespace ${namespace} --output json` }
        yield { sleepMs: 2300 }
        yield {
          print: `+ helm install --set-string global.systemDefaultRegistry= ${release} https://10.43.0.1:443/static/charts/${release}.tgz --namespace ${namespace}`,
        }
        yield { sleepMs: release.endsWith('-crd') ? 2200 : 4100 }
        yield { print: `NAME: ${release}` }
        yield { print: `NAMESPACE: ${namespace}` }
        yield { print: 'STATUS: deployed' }
        yield { print: 'REVISION: 1' }
        yield { print: '+ exit' }
        return 0
      },
    }
  },
}
