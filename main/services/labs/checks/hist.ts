import { hasShape, readCommand, splitLine } from '../command.ts'
import { outcome } from '../text.ts'
import { CannotLook } from '../truth.ts'
import type { Leaf } from './check.ts'

/** A command of this shape was run since the lab began. Only evidence of looking. What is awaited is not named: the step's text and hints do that. */
export const hist: Leaf<'hist'> = {
  name: 'hist',
  evaluate: async (spec, { commands }) => {
    const [pattern] = splitLine(spec.command).map(readCommand)
    const lines = await commands().catch((error: unknown) => {
      throw new CannotLook(error instanceof Error ? error.message : String(error))
    })
    const ran = lines.find(line => splitLine(line).some(argv => hasShape(readCommand(argv), pattern!)))
    return ran === undefined
      ? outcome('fail', '이 단계에서 살펴볼 명령을 터미널에서 아직 실행하지 않았습니다.', 'The command this step is about has not been run in a terminal yet.')
      : outcome('pass', `실행한 명령: ${ran}`, `Command run: ${ran}`)
  },
}
