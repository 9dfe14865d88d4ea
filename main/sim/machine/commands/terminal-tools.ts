import type { Command } from './command.ts'
import { refuse } from './options.ts'

export const clear: Command = {
  name: 'clear',
  aliases: ['reset'],
  summary: 'clear the terminal screen',
  run: async (context, argv) => {
    await context.stdout.write(argv[0] === 'reset' ? '\x1bc' : '\x1b[H\x1b[2J\x1b[3J')
    return 0
  },
}

export const which: Command = {
  name: 'which',
  summary: 'locate a command',
  run: async (context, argv) => {
    let status = 0
    for (const name of argv.slice(1).filter(word => !word.startsWith('-'))) {
      const path = context.which(name)
      if (path) await context.stdout.write(`${path}\n`)
      else status = 1
    }
    return status
  },
}

export const tty: Command = {
  name: 'tty',
  summary: 'print the file name of the terminal connected to standard input',
  run: async context => {
    await context.stdout.write(context.stdin.isTty ? `${context.env['SSH_TTY'] ?? '/dev/pts/0'}\n` : 'not a tty\n')
    return context.stdin.isTty ? 0 : 1
  },
}

export const stty: Command = {
  name: 'stty',
  summary: 'change and print terminal line settings',
  run: async (context, argv) => {
    if (!context.tty) return refuse(context, 'stty', "'standard input': Inappropriate ioctl for device")
    if (argv[1] === 'size') await context.stdout.write(`${context.tty.rows} ${context.tty.columns}\n`)
    else if (argv[1] === undefined || argv[1] === '-a')
      await context.stdout.write(`speed 38400 baud; rows ${context.tty.rows}; columns ${context.tty.columns}; line = 0;\n-brkint -imaxbel iutf8\n`)
    return 0
  },
}

export const tput: Command = {
  name: 'tput',
  summary: 'query the terminfo database',
  run: async (context, argv) => {
    const answers: Readonly<Record<string, string>> = {
      cols: `${context.tty?.columns ?? 80}\n`,
      lines: `${context.tty?.rows ?? 24}\n`,
      clear: '\x1b[H\x1b[2J',
      bold: '\x1b[1m',
      sgr0: '\x1b(B\x1b[m',
      colors: '256\n',
      cuu1: '\x1b[A',
      el: '\x1b[K',
    }
    const [name = '', value = '0'] = argv.slice(1)
    const text = name === 'setaf' ? `\x1b[3${value}m` : name === 'setab' ? `\x1b[4${value}m` : answers[name]
    if (text === undefined) return refuse(context, 'tput', `unknown terminfo capability '${name}'`, 4)
    await context.stdout.write(text)
    return 0
  },
}

/** Paging needs a terminal that pages back; the terminals here scroll, so these pass everything on. */
export const less: Command = {
  name: 'less',
  aliases: ['more', 'pager'],
  summary: 'display the contents of a file',
  run: (context, argv) => context.run(['cat', '--', ...argv.slice(1).filter(word => !/^[-+]/.test(word))]),
}

export const vi: Command = {
  name: 'vi',
  aliases: ['vim', 'emacs'],
  summary: 'says which editor there is',
  run: (context, argv) =>
    refuse(context, argv[0]!, `this simulated machine has no ${argv[0]}: edit with 'nano FILE', or write with 'cat > FILE' and Ctrl-D`, 127),
}
