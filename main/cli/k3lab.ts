#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander'
import { packageVersion, projectRoot } from '../project-root.ts'
import { defaultDataDir } from './default-data-dir.ts'

const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`)
  return value
}

const version = packageVersion(projectRoot())

const dataDirOption = () => new Option('--data-dir <dir>', 'where all state lives').default(defaultDataDir())

/** Wrong usage ends with 2, and the message is followed by everything that is understood. */
const USAGE_ERROR = 2

const program = new Command('k3lab')
  .description('A desktop lab for K3s homelabs of mini-PCs')
  .version(version)
  .showHelpAfterError()
  .exitOverride(error => {
    process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR)
  })

program
  .command('start')
  .description('start the app with its simulated homelab')
  .addOption(
    new Option('--host <host>', 'what shows the app: a window of its own, or the browser (default: electron where it can run)').choices([
      'electron',
      'browser',
    ]),
  )
  .option('--no-open', 'do not open the browser')
  .addOption(new Option('--port <port>', 'port of the browser host (default: a free one)').argParser(wholeNumber(1, 65535)))
  .addOption(dataDirOption())
  .addOption(new Option('--homelab <preset>', 'what the first start of a data directory simulates').choices(['class3', 'solo', 'none']).default('class3'))
  .addOption(new Option('--seed <seed>', 'seed of the simulation, for the first start of a data directory').argParser(wholeNumber(0, 4294967295)))
  .option('--json', 'print one line of JSON on stdout when ready, everything else on stderr')
  .allowExcessArguments(false)
  .action(async options => (await import('./start.ts')).start(options))

program
  .command('machines')
  .description('list the machines of the running homelab, or of a cluster given by its kubeconfig')
  .addOption(dataDirOption())
  .option('--kubeconfig <file>', 'a real cluster')
  .option('--context <name>', 'which context of the kubeconfig')
  .option('--json', 'print JSON')
  .allowExcessArguments(false)
  .action(async options => (await import('./machines.ts')).listMachines(options))

program
  .command('version')
  .description('print the versions')
  .option('--json', 'print JSON')
  .allowExcessArguments(false)
  .action((options: { json?: boolean }) => {
    const facts = { k3lab: version, node: process.versions.node }
    process.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : `k3lab ${facts.k3lab}\nNode.js ${facts.node}\n`)
  })

await program.parseAsync()
