/** How reports show the metrics of a run of the registry: their groups and labels. */
import type { Figures } from '../../../run/system.ts';

export const reportFigures: Figures = {
  rows: [
    { name: 'managersPeak', label: 'managers at the peak' },
    { name: 'managersOfOneUserPeak', label: 'of one user at the peak', of: 'managersPerUserMax' },
    { name: 'usersPeak', label: 'users at the peak' },
    { name: 'refused', label: 'refused' },
    {
      name: 'proactiveCleanups',
      label: 'proactive cleanups',
      from: { name: 'proactiveFromLeast', unit: 'managers' },
      longest: 'proactiveLongestMs',
    },
    { name: 'emergencyCleanups', label: 'emergency cleanups', longest: 'emergencyLongestMs' },
  ],
  summary: ['emergencyLongestMs'],
};
