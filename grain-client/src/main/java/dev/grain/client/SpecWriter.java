package dev.grain.client;

import dev.grain.Code;
import dev.grain.Resource;
import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.text.Durations;
import dev.grain.text.MemoryUnit;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes maps and lists of a spec, with the keys that {@link SpecReader} reads. What is usual is
 * left out.
 */
final class SpecWriter {
  private final Map<String, @Nullable Object> job = new LinkedHashMap<>();

  private SpecWriter() {}

  /** Returns the keys of a job. */
  static Map<String, @Nullable Object> write(JobSpec spec) {
    SpecWriter writer = new SpecWriter();
    writer.add(spec);
    return writer.job;
  }

  private void add(JobSpec spec) {
    put(job, Keys.ID, spec.id());
    put(job, Keys.NAME, spec.name());
    addWork(spec.work());
    if (spec.resources() != null) {
      job.put(Keys.RESOURCES.name(), resources(spec.resources()));
    }
    addSetting(spec.setting());
    put(job, Keys.ENV, spec.env());
    addRetries(spec.retries());
    if (spec.timeLimit() != null) {
      put(job, Keys.TIME_LIMIT, Durations.readable(spec.timeLimit()));
    }
    if (spec.priority() != JobSpec.USUAL_PRIORITY) {
      put(job, Keys.PRIORITY, number(spec.priority()));
    }
    put(job, Keys.LABELS, spec.labels());
    put(job, Keys.HOLD, spec.hold());
  }

  /** Puts a value that is not what a missing key stands for: null, nothing, or false. */
  private static void put(Map<String, @Nullable Object> map, Key key, @Nullable Object value) {
    boolean usual =
        switch (value) {
          case null -> true;
          case String text -> text.isEmpty();
          case Boolean flag -> !flag;
          case Collection<?> items -> items.isEmpty();
          case Map<?, ?> values -> values.isEmpty();
          default -> false;
        };
    if (!usual) {
      map.put(key.name(), value);
    }
  }

  private static Number number(double value) {
    return JsonText.number(BigDecimal.valueOf(value).stripTrailingZeros());
  }

  // ---------------------------------------------------------------- work

  private void addWork(WorkSpec work) {
    switch (work) {
      case WorkSpec.Program program -> addProgram(program);
      case WorkSpec.Function function -> {
        job.put(Keys.FUNCTION.name(), function.name());
        List<@Nullable Object> arguments = new ArrayList<>();
        function.arguments().forEach(each -> arguments.add(JsonText.parse(each)));
        put(job, Keys.ARGUMENTS, arguments);
        put(job, Keys.PLATFORM_THREAD, function.platformThread());
      }
      case WorkSpec.Shipped shipped -> {
        Map<String, @Nullable Object> keys = new LinkedHashMap<>();
        keys.put(Keys.BUNDLE.name(), shipped.bundle());
        keys.put(Keys.SHIPPED_FUNCTION.name(), shipped.function());
        keys.put(Keys.SHIPPED_ARGUMENTS.name(), shipped.arguments());
        put(keys, Keys.PLATFORM_THREAD, shipped.platformThread());
        job.put(Keys.SHIPPED.name(), keys);
      }
    }
  }

  private void addProgram(WorkSpec.Program program) {
    if (program.shell() == null) {
      job.put(Keys.COMMAND.name(), program.words());
    } else if (program.shell().equals("sh") && program.words().size() == 1) {
      job.put(Keys.SHELL.name(), program.words().getFirst());
    } else {
      Map<String, @Nullable Object> shell = new LinkedHashMap<>();
      shell.put(Keys.SCRIPT.name(), program.words().getFirst());
      shell.put(Keys.PROGRAM.name(), program.shell());
      put(shell, Keys.SCRIPT_ARGUMENTS, program.words().subList(1, program.words().size()));
      job.put(Keys.SHELL.name(), shell);
    }
    put(job, Keys.STDIN, program.stdin());
    put(job, Keys.STDOUT, program.stdout());
    put(job, Keys.STDERR, program.stderr());
    if (!program.successCodes().equals(List.of(0))) {
      job.put(Keys.SUCCESS_CODES.name(), program.successCodes());
    }
    switch (program.input()) {
      case null -> {}
      case WorkSpec.Input.Text(String text) -> job.put(Keys.INPUT.name(), text);
      case WorkSpec.Input.Binary(String base64) -> job.put(Keys.INPUT_BASE64.name(), base64);
    }
    put(job, Keys.RESULT, program.returnsResult());
  }

  // ---------------------------------------------------------------- resources

  private static Map<String, @Nullable Object> resources(Resource resource) {
    Demand demand = Demand.of(resource);
    Map<String, @Nullable Object> resources = new LinkedHashMap<>();
    Map<String, @Nullable Object> custom = new LinkedHashMap<>();
    Map<String, @Nullable Object> customIds = new LinkedHashMap<>();
    List<String> tokens = new ArrayList<>();
    for (Demand.Part part : demand.parts()) {
      Kind kind = part.kind();
      List<String> ids = demand.ids(kind);
      if (kind.isHidden()) {
        continue;
      }
      if (kind.type() == Kind.Type.TAG) {
        tokens.add(kind.name());
      } else if (kind.isCustom()) {
        if (ids.isEmpty()) {
          custom.put(kind.name(), amount(part));
        } else {
          customIds.put(kind.name(), String.join(",", ids));
        }
      } else if (!ids.isEmpty()) {
        resources.put(Keys.GPU_IDS.name(), String.join(",", ids));
      } else {
        resources.put(
            kind.name(), kind.equals(Kind.MEMORY) ? MemoryUnit.exact(part.amount()) : amount(part));
      }
    }
    put(resources, Keys.CUSTOM, custom);
    put(resources, Keys.CUSTOM_IDS, customIds);
    put(resources, Keys.TOKENS, tokens);
    addWallTime(resources, demand);
    return resources;
  }

  private static Number amount(Demand.Part part) {
    return number(Amounts.amount(part.kind(), part.amount()));
  }

  private static void addWallTime(Map<String, @Nullable Object> resources, Demand demand) {
    if (demand.softWallTime() == null || demand.hardWallTime() == null) {
      return;
    }
    String soft = Durations.readable(demand.softWallTime());
    String hard = Durations.readable(demand.hardWallTime());
    resources.put(
        Keys.WALL_TIME.name(),
        soft.equals(hard)
            ? hard
            : new LinkedHashMap<>(Map.of(Keys.SOFT.name(), soft, Keys.HARD.name(), hard)));
  }

  // ---------------------------------------------------------------- setting

  private void addSetting(SettingSpec setting) {
    if (setting.isolation() != null) {
      job.put(Keys.ISOLATION.name(), isolation(setting.isolation()));
    }
    put(job, Keys.MOUNTS, setting.mounts().stream().map(SpecWriter::mount).toList());
    addCode(setting.code());
    if (setting.environment() != null) {
      job.put(Keys.ENVIRONMENT.name(), environment(setting.environment()));
    }
    put(job, Keys.WORKING_DIR, setting.workingDir());
  }

  private static Map<String, @Nullable Object> isolation(IsolationSpec isolation) {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    switch (isolation) {
      case IsolationSpec.Container container -> {
        keys.put((container.local() ? Keys.LOCAL_IMAGE : Keys.IMAGE).name(), container.image());
        put(keys, Keys.NETWORK, container.network());
        put(keys, Keys.USER, container.user());
        put(keys, Keys.CAPABILITIES, container.capabilities());
        put(keys, Keys.READ_ONLY_ROOT, container.readOnlyRoot());
        if (container.sharedMemory() != null) {
          keys.put(Keys.SHARED_MEMORY.name(), MemoryUnit.exact(container.sharedMemory()));
        }
      }
      case IsolationSpec.Apptainer apptainer -> {
        keys.put(Keys.APPTAINER.name(), apptainer.image());
        put(keys, Keys.OPTIONS, apptainer.options());
      }
      case IsolationSpec.Jvm jvm -> {
        keys.put(Keys.JVM.name(), jvm.home() == null ? "worker" : jvm.home());
        put(keys, Keys.FLAGS, jvm.flags());
      }
    }
    return keys;
  }

  private static Map<String, @Nullable Object> mount(SettingSpec.Mount mount) {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    keys.put(Keys.HOST.name(), mount.host());
    keys.put(Keys.PATH_IN_CONTAINER.name(), mount.path());
    put(keys, Keys.READ_ONLY, mount.readOnly());
    return keys;
  }

  private void addCode(Code code) {
    switch (code) {
      case Code.Shipped _ -> {}
      case Code.None _ -> job.put(Keys.CODE.name(), "none");
      case Code.Folders folders ->
          job.put(Keys.CODE.name(), Map.of(Keys.FOLDERS.name(), folders.paths()));
      case Code.Git git -> {
        Map<String, @Nullable Object> keys = new LinkedHashMap<>();
        keys.put(Keys.GIT.name(), git.url());
        put(keys, Keys.BRANCH, git.branch());
        put(keys, Keys.COMMIT, git.commit());
        put(keys, Keys.PATH_IN_REPO, git.pathInRepo());
        job.put(Keys.CODE.name(), keys);
      }
    }
  }

  private static Map<String, @Nullable Object> environment(EnvironmentSpec environment) {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    keys.put(environment.kind().name().toLowerCase(Locale.ROOT), environment.path());
    put(keys, Keys.FILES, environment.files());
    put(keys, Keys.INPUTS, environment.inputs());
    put(keys, Keys.PYTHON, environment.python());
    if (environment.timeLimit() != null) {
      keys.put(Keys.TIME_LIMIT.name(), Durations.readable(environment.timeLimit()));
    }
    return keys;
  }

  private void addRetries(RetrySpec retries) {
    if (retries.most() > 0) {
      job.put(Keys.RETRIES.name(), retries.most());
    }
    RetrySpec without = RetrySpec.of(retries.most());
    if (!retries.equals(without)) {
      Map<String, @Nullable Object> delays = new LinkedHashMap<>();
      delays.put(Keys.FIRST.name(), Durations.readable(retries.first()));
      delays.put(Keys.FACTOR.name(), number(retries.factor()));
      delays.put(Keys.MOST.name(), Durations.readable(retries.longest()));
      job.put(Keys.BACKOFF.name(), delays);
    }
  }
}
