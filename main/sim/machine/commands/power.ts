import type { Command } from './command.ts'
import { calendar, refuse } from './options.ts'

export const power: Command = {
  name: 'shutdown',
  path: '/usr/sbin/shutdown',
  aliases: ['reboot', 'poweroff', 'halt'],
  summary: 'halt, power off or reboot the machine',
  run: async (context, argv) => {
    const { machine } = context
    const name = argv[0]!
    const words = argv.slice(1)
    if (context.user.uid !== 0) {
      const verb = name === 'reboot' || words.includes('-r') ? 'reboot' : name === 'halt' ? 'halt' : 'power off'
      await context.stderr.write(
        `Call to ${verb === 'reboot' ? 'Reboot' : verb === 'halt' ? 'Halt' : 'PowerOff'} failed: Interactive authentication required.\n`,
      )
      return 1
    }
    const how = name === 'reboot' || words.includes('-r') || words.includes('--reboot') ? 'reboot' : 'poweroff'
    if (name === 'shutdown') {
      if (words.includes('-c')) return 0
      const when = words.find(word => !word.startsWith('-')) ?? '+1'
      const clock = /^(\d{1,2}):(\d\d)$/.exec(when)
      const minutes = when === 'now' ? 0 : Number(/^\+?(\d+)$/.exec(when)?.[1])
      if (!clock && Number.isNaN(minutes)) return refuse(context, 'Failed to parse time specification', when)
      const midnight = context.clock.now - (context.clock.now % 86_400_000)
      let delay = minutes * 60_000
      if (clock) {
        delay = midnight + (Number(clock[1]) * 60 + Number(clock[2])) * 60_000 - context.clock.now
        if (delay < 0) delay += 86_400_000
      }
      if (delay > 0) {
        const at = calendar(context.clock.now + delay)
        await context.stderr.write(
          `${how === 'reboot' ? 'Reboot' : 'Shutdown'} scheduled for ${at.weekday} ${at.date} ${at.clock} UTC, use 'shutdown -c' to cancel.\n`,
        )
        context.clock.after(delay, () => {
          if (machine.power === 'on') void machine.shutdown(how)
        })
        return 0
      }
    }
    if (context.stdout.isTty)
      await context.stdout.write(
        `\nBroadcast message from ${context.user.name}@${machine.hostname} (${calendar(context.clock.now).weekday} ${calendar(context.clock.now).date} ${calendar(context.clock.now).clock} UTC):\n\nThe system will ${how === 'reboot' ? 'reboot' : 'power off'} now!\n\n`,
      )
    await machine.shutdown(how)
    return 0
  },
}
