import { describe, expect, it } from 'vitest'
import { codeBlocks, readProse, sourceSections } from './prose.ts'

const markdown = `# 제목 하나
<!-- source: abc123 -->

요약입니다.

## objectives

- read: 읽는다.

## step:one 첫 단계
<!-- source: def456 -->

본문.

\`\`\`sh
# 이것은 제목이 아니다
## step:no
\`\`\`

### quiz:size
크기는?
unit: GiB
- a: 가
  > 아닌 까닭
  > 두 줄째
- b: 나
bin left: 왼쪽

### hint:1
힌트

### wrong:turn
길을 잃음

## debrief
끝.
`

describe('readProse', () => {
  const prose = readProse(markdown)

  it('reads every section', () => {
    expect(prose).toMatchObject({ title: '제목 하나', summary: '요약입니다.', objectives: { read: '읽는다.' }, debrief: '끝.' })
    expect(prose.steps['one']).toMatchObject({ title: '첫 단계', hints: ['힌트'], wrong: { turn: '길을 잃음' } })
    expect(prose.steps['one']!.quiz['size']).toEqual({
      label: '크기는?',
      unit: 'GiB',
      options: [
        { id: 'a', label: '가', why: '아닌 까닭 두 줄째' },
        { id: 'b', label: '나' },
      ],
      bins: [{ id: 'left', label: '왼쪽' }],
    })
  })

  it('leaves headings inside code alone', () => {
    expect(Object.keys(prose.steps)).toEqual(['one'])
    expect(codeBlocks(prose.steps['one']!.body)).toEqual([{ language: 'sh', code: '# 이것은 제목이 아니다\n## step:no\n' }])
  })

  it('tells the stamps of a translation apart from its text', () => {
    expect(sourceSections(markdown).map(({ name, stamp }) => [name, stamp])).toEqual([
      ['', 'abc123'],
      ['objectives', undefined],
      ['step:one', 'def456'],
      ['debrief', undefined],
    ])
    expect(JSON.stringify(prose)).not.toContain('source:')
  })
})
