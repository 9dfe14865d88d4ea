import { quote } from '../shell/builtins.ts'
import { hostOf } from '../shell/programs.ts'
import { homeOf, loginEnvironment, runInteractive } from '../shell/session.ts'
import type { Command, CommandContext, Tty } from './command.ts'
import { refuse } from './options.ts'

const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin'
const USAGE =
  'usage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]\nusage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command [arg ...]]\nusage: sudo [-ABbEHkNnPS] [-r role] [-t type] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n'

export const sudo: Command = {
  name: 'sudo',
  summary: 'execute a command as another user',
  run: async (context, argv) => {
    let target = 'root'
    let login = false
    let shell = false
    let keep = false
    let list = false
    let quiet = false
    let at = 1
    for (; argv[at]?.startsWith('-'); at++) {
      const word = argv[at]!
      if (word === '--') {
        at++
        break
      }
      if (/^--(user|group|prompt|host)=?/.test(word)) {
        const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[++at]
        if (word.startsWith('--user')) target = value ?? ''
      } else if (word === '--login') login = true
      else if (word === '--preserve-env') keep = true
      else if (word.startsWith('--')) continue
      else
        for (let i = 1; i < word.length; i++) {
          const letter = word[i]!
          if ('ugpCDRTUrth'.includes(letter)) {
            const value = word.slice(i + 1) || argv[++at]
            if (letter === 'u') target = value ?? ''
            break
          }
          if (letter === 'i') login = true
          else if (letter === 's') shell = true
          else if (letter === 'E') keep = true
          else if (letter === 'l') list = true
          else if (letter === 'k' || letter === 'K' || letter === 'v') quiet = true
        }
    }
    const account = context.machine.users.find(user => user.name === target || `#${user.uid}` === target)
    if (!account) return refuse(context, 'sudo', `unknown user ${target}\nsudo: error initializing audit plugin sudoers_audit`)
    const { machine } = context
    const allowed = context.user.uid === 0 || (/NOPASSWD/.test(machine.readFile('/etc/sudoers.d/90-lab') ?? '') && context.user.groups.includes(27))
    if (!allowed)
      return refuse(
        context,
        'sudo',
        'a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required',
      )
    if (list) {
      await context.stdout.write(
        `Matching Defaults entries for ${context.user.name} on ${machine.hostname}:\n    env_reset, mail_badpass, secure_path=${SECURE_PATH.replaceAll(':', '\\:')}, use_pty\n\nUser ${context.user.name} may run the following commands on ${machine.hostname}:\n    (ALL : ALL) ALL\n    (ALL) NOPASSWD: ALL\n`,
      )
      return 0
    }
    const assignments: Record<string, string> = {}
    for (; /^[A-Za-z_]\w*=/.test(argv[at] ?? ''); at++) assignments[argv[at]!.slice(0, argv[at]!.indexOf('='))] = argv[at]!.slice(argv[at]!.indexOf('=') + 1)
    const command = argv.slice(at)
    if (command.length === 0 && !login && !shell) {
      if (quiet) return 0
      await context.stderr.write(USAGE)
      return 1
    }
    const user = { name: account.name, uid: account.uid, gid: account.gid, groups: account.groups }
    const base = loginEnvironment(machine, user)
    const env: Record<string, string> = {
      ...(keep ? context.env : {}),
      ...base,
      PATH: SECURE_PATH,
      ...(context.env['TERM'] && { TERM: context.env['TERM'] }),
      ...(context.env['LANG'] && { LANG: context.env['LANG'] }),
      SUDO_USER: context.user.name,
      SUDO_UID: String(context.user.uid),
      SUDO_GID: String(context.user.gid),
      SUDO_COMMAND: command.join(' ') || '/bin/bash',
      ...assignments,
    }
    const cwd = login ? homeOf(machine, user) : context.cwd
    machine.log({
      identifier: 'sudo',
      pid: 3000,
      message: `${context.user.name.padStart(8)} : ${context.tty ? 'TTY=pts/0 ; ' : ''}PWD=${context.cwd} ; USER=${user.name} ; COMMAND=${command.length > 0 ? [context.which(command[0]!) ?? command[0]!, ...command.slice(1)].join(' ') : '/bin/bash'}`,
    })
    if (command.length === 0) {
      const host = hostOf(context)
      if (context.stdin.isTty && host.terminalDevice)
        return runInteractive({ machine, user, terminal: host.terminalDevice, signal: host.signal, env, cwd, nested: true })
      return context.run(['bash'], { user, env, cwd })
    }
    if (login || shell) return context.run(['bash', '-c', command.map(quote).join(' ')], { user, env, cwd })
    const status = await context.run(command, { user, env, cwd })
    return status === 127 && !command[0]!.includes('/') && !SECURE_PATH.split(':').some(directory => machine.files(user).exists(`${directory}/${command[0]}`))
      ? refuse(context, 'sudo', `${command[0]}: command not found`)
      : status
  },
}

/** Enter, Ctrl-C and Ctrl-D. */
const ENDING: ReadonlySet<number> = new Set([13, 10, 3, 4])

/** Reads a password from the terminal without showing it. Ctrl-C ends the program. */
const askPassword = async ({ stdin, stdout }: CommandContext, tty: Tty): Promise<void> => {
  await stdout.write('Password: ')
  const release = tty.raw()
  try {
    for (let keys = await stdin.read(); keys; keys = await stdin.read()) if (keys.some(key => ENDING.has(key))) break
  } finally {
    release()
    await stdout.write('\n')
  }
}

export const su: Command = {
  name: 'su',
  summary: 'run a command with substitute user and group ID',
  run: async (context, argv) => {
    const words = argv.slice(1)
    const at = words.indexOf('-c')
    const script = at >= 0 ? words.splice(at, 2)[1] : undefined
    const target = words.find(word => !word.startsWith('-')) ?? 'root'
    const account = context.machine.users.find(user => user.name === target)
    if (!account) return refuse(context, 'su', `user ${target} does not exist or the user entry does not contain all the required fields`)
    if (context.user.uid !== 0) {
      if (context.stdin.isTty && context.tty) await askPassword(context, context.tty)
      // Nobody has a password on these machines (Ubuntu locks root's), so none is right; PAM lets two seconds pass.
      await context.clock.sleep(2000, context.signal)
      return refuse(context, 'su', 'Authentication failure')
    }
    const user = { name: account.name, uid: account.uid, gid: account.gid, groups: account.groups }
    return context.run(
      script === undefined ? ['sudo', '-u', target, words.some(word => word === '-' || word === '-l') ? '-i' : '-s'] : ['bash', '-c', script],
      script === undefined ? {} : { user, env: loginEnvironment(context.machine, user), cwd: context.cwd },
    )
  },
}
