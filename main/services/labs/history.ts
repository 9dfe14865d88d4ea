/** The command lines students ran on the machines: evidence of looking, never proof of a fix. */
export interface CommandHistory {
  /**
   * Every line of the login user's shell history, machine by machine, oldest first. A machine that cannot be reached
   * (switched off) is left out. Throws when none could be read.
   */
  read(): Promise<Readonly<Record<string, readonly string[]>>>
}

/** What the history needs of the machines: their names, and a command run over SSH without a terminal. */
export interface HistorySource {
  machines(): Promise<readonly { readonly id: string; readonly name: string }[]>
  exec(machineId: string, command: string): Promise<{ readonly stdout: string; readonly code: number | null }>
}

/**
 * Reads `~/.bash_history` over SSH. The shell of a simulated machine appends every line as it is submitted. A real bash
 * does so when it exits, or at once with `PROMPT_COMMAND='history -a'`. Reading leaves nothing behind on the machine,
 * and what was typed without an echo (passwords) never stands in it.
 */
export const shellHistory = (source: HistorySource): CommandHistory => ({
  read: async () => {
    const machines = await source.machines()
    const read = await Promise.allSettled(
      machines.map(async machine => ({ machine, result: await source.exec(machine.id, 'cat ~/.bash_history 2>/dev/null || true') })),
    )
    const answered = read.filter(one => one.status === 'fulfilled').map(one => one.value)
    const refused = read.find(one => one.status === 'rejected')
    if (answered.length === 0 && refused) throw refused.reason
    return Object.fromEntries(
      answered.map(({ machine, result }) => [machine.name, result.stdout.split('\n').filter(line => line !== '' && !/^#\d{9,}$/.test(line))]),
    )
  },
})

/**
 * The lines that came after a baseline (how many there were when the lab began). The last line before it counts too: a
 * shell does not write down a command that repeats the one before (HISTCONTROL=ignoredups).
 */
export const since = (history: Readonly<Record<string, readonly string[]>>, baseline: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(history).flatMap(([name, lines]) => {
    const before = baseline[name] ?? 0
    return lines.slice(lines.length < before ? 0 : Math.max(0, before - 1))
  })
