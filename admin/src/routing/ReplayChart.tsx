import '@mantine/charts/styles.css';

import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import type { Replay } from './queries';

const MOST_BARS = 12;
const BAR_PIXELS = 34;

/** The most frequent changes as bars; the list below it says the same in words. */
export function ReplayChart({ counts }: { counts: Replay['counts'] }) {
  const { t } = useTranslation();
  const data = counts
    .slice(0, MOST_BARS)
    .map(({ before, after, calls }) => ({ change: `${before} → ${after}`, calls }));
  return (
    <div
      role="img"
      aria-label={t('routing.replay.chart', { words: counts.map(({ words }) => words).join('; ') })}
    >
      <BarChart
        h={data.length * BAR_PIXELS + 50}
        data={data}
        dataKey="change"
        orientation="vertical"
        series={[{ name: 'calls', label: t('routing.replay.calls'), color: 'indigo.6' }]}
        yAxisProps={{ width: 240, tickMargin: 6 }}
        xAxisProps={{ allowDecimals: false }}
        gridAxis="x"
        barProps={{ radius: 4, isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false }}
        maxBarWidth={20}
        withBarValueLabel
      />
    </div>
  );
}
