package dev.grain.minion;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** The ids that batch systems give to the processes of a job, by the names that events have. */
final class BatchSystem {
  private static final SequencedMap<String, String> VARIABLES = new LinkedHashMap<>();

  static {
    VARIABLES.put("OAR_JOB_ID", "oar_job_id");
    VARIABLES.put("SLURM_JOB_ID", "slurm_job_id");
    VARIABLES.put("SLURM_ARRAY_JOB_ID", "slurm_array_job_id");
    VARIABLES.put("SLURM_ARRAY_TASK_ID", "slurm_array_task_id");
    VARIABLES.put("PBS_JOBID", "pbs_job_id");
    VARIABLES.put("LSB_JOBID", "lsf_job_id");
  }

  private BatchSystem() {}

  static SequencedMap<String, String> ids(Map<String, String> environment) {
    SequencedMap<String, String> ids = new LinkedHashMap<>();
    VARIABLES.forEach((variable, name) -> {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        ids.put(name, value);
      }
    });
    return ids;
  }
}
