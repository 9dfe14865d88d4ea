import { useTranslation } from 'react-i18next'
import type { LabStepState } from '../../../shared/domain/lab.ts'
import { parsedAnswer } from './answers.ts'

interface TableFieldProps {
  readonly id: string
  /** Absent until the cluster was looked at. */
  readonly table: LabStepState['tables'][string] | undefined
  readonly value: string
  readonly disabled: boolean
  readonly onChange: (value: string) => void
}

/** A row for each live object, to be matched with one of the options. */
export const TableField = ({ id, table, value, disabled, onChange }: TableFieldProps) => {
  const { t } = useTranslation()
  const cells = parsedAnswer<Record<string, string>>(value) ?? {}
  if (!table || table.rows.length === 0) return <p className="lab-soft">{t('labs.noRows')}</p>
  return (
    <table className="lab-cells">
      <tbody>
        {table.rows.map(row => (
          <tr key={row}>
            <th scope="row" id={`${id}-${row}`} className="mono">
              {row}
            </th>
            <td>
              <select
                className="lab-input mono"
                aria-labelledby={`${id}-label ${id}-${row}`}
                disabled={disabled}
                value={cells[row] ?? ''}
                onChange={event =>
                  onChange(
                    JSON.stringify({ ...Object.fromEntries(Object.entries(cells).filter(([key]) => table.rows.includes(key))), [row]: event.target.value }),
                  )
                }
              >
                <option value="">{t('labs.choose')}</option>
                {table.options.map(option => (
                  <option key={option} value={option}>
                    {option}
                  </option>
                ))}
              </select>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
