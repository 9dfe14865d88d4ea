import type { Command } from './command.ts'

const MIRRORS = [
  'http://archive.ubuntu.com/ubuntu noble InRelease',
  'http://security.ubuntu.com/ubuntu noble-security InRelease',
  'http://archive.ubuntu.com/ubuntu noble-updates InRelease',
  'http://archive.ubuntu.com/ubuntu noble-backports InRelease',
]

/** The homelab has no way to the internet: apt says so in its own words. */
export const apt: Command = {
  name: 'apt',
  aliases: ['apt-get'],
  summary: 'command-line interface for the package management system',
  run: async (context, argv) => {
    const words = argv.slice(1).filter(word => !word.startsWith('-'))
    const [verb, ...packages] = words
    const warning = argv[0] === 'apt' && !context.stdout.isTty ? '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n' : ''
    if (verb === undefined || argv.includes('--help')) {
      await context.stdout.write(
        'apt 2.7.14 (amd64)\nUsage: apt [options] command\n\nMost used commands:\n  list - list packages based on package names\n  search - search in package descriptions\n  show - show package details\n  install - install packages\n  remove - remove packages\n  update - update list of available packages\n  upgrade - upgrade the system by installing/upgrading packages\n',
      )
      return 0
    }
    if (argv.includes('--version')) {
      await context.stdout.write('apt 2.7.14 (amd64)\n')
      return 0
    }
    await context.stderr.write(warning)
    const changes = ['install', 'remove', 'purge', 'update', 'upgrade', 'full-upgrade', 'dist-upgrade', 'autoremove', 'clean']
    if (changes.includes(verb) && context.user.uid !== 0) {
      await context.stderr.write(
        verb === 'update'
          ? 'Reading package lists... Done\nE: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n'
          : 'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
      )
      return 100
    }
    switch (verb) {
      case 'update':
        for (const [i, mirror] of MIRRORS.entries()) {
          const host = new URL(mirror.split(' ')[0]!).hostname
          await context.stdout.write(`Ign:${i + 1} ${mirror}\n`)
          await context.clock.sleep(1000, context.signal)
          await context.stdout.write(`Err:${i + 1} ${mirror}\n  Temporary failure resolving '${host}'\n`)
        }
        await context.stdout.write(
          'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\nAll packages are up to date.\n',
        )
        await context.stderr.write(
          `${MIRRORS.map(mirror => `W: Failed to fetch ${mirror.replace(' noble', '/dists/noble').replace(' InRelease', '/InRelease')}  Temporary failure resolving '${new URL(mirror.split(' ')[0]!).hostname}'\n`).join('')}W: Some index files failed to download. They have been ignored, or old ones used instead.\n`,
        )
        return 0
      case 'install':
        await context.stdout.write('Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n')
        if (packages.length === 0) {
          await context.stdout.write('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n')
          return 0
        }
        await context.stderr.write(packages.map(name => `E: Unable to locate package ${name}\n`).join(''))
        return 100
      case 'upgrade':
      case 'full-upgrade':
      case 'dist-upgrade':
      case 'autoremove':
        await context.stdout.write(
          'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\nCalculating upgrade... Done\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n',
        )
        return 0
      case 'clean':
        return 0
      case 'list':
        await context.stdout.write('Listing... Done\n')
        return 0
      case 'search':
        await context.stdout.write('Sorting... Done\nFull Text Search... Done\n')
        return 0
      case 'remove':
      case 'purge':
        await context.stdout.write('Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n')
        await context.stderr.write(packages.map(name => `E: Unable to locate package ${name}\n`).join(''))
        return packages.length > 0 ? 100 : 0
      case 'show':
      case 'policy':
        if (verb === 'show') await context.stderr.write('N: No packages found\n')
        return 0
      default:
        await context.stderr.write(`E: Invalid operation ${verb}\n`)
        return 100
    }
  },
}
