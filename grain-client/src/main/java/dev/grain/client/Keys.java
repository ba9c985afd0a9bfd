package dev.grain.client;

/** The keys of a job, with what their values have to be. */
final class Keys {
  private static final String DURATION =
      "a duration above zero with the units d, h, min, s or ms, or a number of seconds";
  private static final String PATH = "the path of a file or folder on the worker";
  private static final String BASE64 = "bytes in Base64";

  // ---- the job

  static final Key ID =
      Key.of(
          "id",
          "1 to 100 ASCII letters, digits, '.', '_' and '-', beginning with a letter or digit and with"
              + " no date",
          "nightly-42");
  static final Key NAME =
      Key.of("name", "1 to 200 characters in one line, without blanks at the ends", "energies");
  static final Key COMMAND =
      Key.of(
          "command",
          "a list of a program and its arguments, or a text of words that no shell interprets",
          "[./simulate, --seed, 42]",
          "cmd",
          "run",
          "exec");
  static final Key SHELL =
      Key.of(
          "shell",
          "a line for sh, or a group of the keys script, program and arguments",
          "gzip -k *.log && ls",
          "script");
  static final Key FUNCTION =
      Key.of(
          "function",
          "CLASS::METHOD, or with the types of the parameters CLASS::METHOD(double, int)",
          "com.acme.Jobs::energy",
          "class",
          "method");
  static final Key SHIPPED =
      Key.of(
          "shipped",
          "what a program in Java has sent: the keys bundle, function and arguments",
          "{bundle: SHA-256, function: BASE64, arguments: BASE64}");
  static final Key ARGUMENTS =
      Key.of("arguments", "a list of the arguments of the function", "[H2O, 3]", "args", "arg");
  static final Key PLATFORM_THREAD = Key.of("platformThread", "true or false", "true");
  static final Key STDIN = Key.of("stdin", PATH, "/data/input.txt");
  static final Key STDOUT = Key.of("stdout", PATH, "/data/output.txt", "output");
  static final Key STDERR = Key.of("stderr", PATH, "/data/errors.txt", "error");
  static final Key SUCCESS_CODES =
      Key.of("successCodes", "a list of exit codes from 0 to 255, at least one", "[0, 3]");
  static final Key INPUT =
      Key.of("input", "the text that the command finds in the file GRAIN_INPUT_FILE", "a text");
  static final Key INPUT_JSON =
      Key.of(
          "inputJson",
          "the value that the command finds as JSON in the file GRAIN_INPUT_FILE",
          "{lr: 0.01}");
  static final Key INPUT_BASE64 = Key.of("inputBase64", BASE64, "AAEC");
  static final Key RESULT =
      Key.of(
          "result",
          "true if the command writes a result to the file GRAIN_RESULT_FILE, or false",
          "true",
          "withResult");
  static final Key RESOURCES =
      Key.of(
          "resources",
          "a group of the keys cpu, memory, gpu and so on",
          "{cpu: 2, memory: 8GiB}",
          "requests",
          "requirements");
  static final Key IMAGE =
      Key.of(
          "image",
          "the name of an image of a container, with a tag or a digest or neither",
          "python:3.12",
          "container",
          "docker");
  static final Key ISOLATION =
      Key.of(
          "isolation",
          "a group with one of the keys image, localImage, apptainer and jvm",
          "{image: python:3.12, network: none}",
          "isolated");
  static final Key MOUNTS =
      Key.of(
          "mounts",
          "a list of texts HOST:PATH or HOST:PATH:ro, or groups of the keys host, path and readOnly",
          "[/data:/data:ro]",
          "volumes");
  static final Key CODE =
      Key.of(
          "code",
          "none, or a group with one of the keys git and folders",
          "{git: https://github.com/acme/jobs, branch: main}",
          "git",
          "repository");
  static final Key ENVIRONMENT =
      Key.of(
          "environment",
          "the file that defines it, or a group with one of the keys venv, conda, poetry, maven and"
              + " script",
          "{venv: requirements.txt}");
  static final Key WORKING_DIR =
      Key.of("workingDir", PATH, "/data/run", "workdir", "cwd", "directory");
  static final Key ENV =
      Key.of(
          "env",
          "names of environment variables with their values",
          "{OMP_NUM_THREADS: \"{cpu.count}\"}",
          "variables");
  static final Key RETRIES =
      Key.of("retries", "a whole number from 0 to 1,000,000", "2", "retry", "attempts");
  static final Key BACKOFF =
      Key.of(
          "backoff",
          "the delay before the first retry, or a group of the keys first, factor and most",
          "{first: 10 s, factor: 2, most: 5 min}",
          "retryDelay",
          "delay");
  static final Key TIME_LIMIT =
      Key.of("timeLimit", DURATION, "1 h 30 min", "timeout", "walltime", "limit");
  static final Key PRIORITY = Key.of("priority", "a number above 0; usually 100", "300");
  static final Key LABELS =
      Key.of(
          "labels", "up to 64 keys with texts of up to 200 characters", "{project: water}", "tags");
  static final Key HOLD =
      Key.of("hold", "true if the job waits until somebody resumes it, or false", "true", "held");

  static final Key[] OF_WORK = {COMMAND, SHELL, FUNCTION, SHIPPED};
  static final Key[] OF_FUNCTIONS = {ARGUMENTS, PLATFORM_THREAD};
  static final Key[] OF_COMMANDS = {
    STDIN, STDOUT, STDERR, SUCCESS_CODES, INPUT, INPUT_JSON, INPUT_BASE64, RESULT, WORKING_DIR
  };

  /** What says what a job does, or which one it is, so that jobs cannot share it. */
  static final Key[] OF_ONE_JOB = {
    ID, COMMAND, SHELL, FUNCTION, SHIPPED, ARGUMENTS, INPUT, INPUT_JSON, INPUT_BASE64
  };

  static final Key[] OF_JOB = {
    ID,
    NAME,
    COMMAND,
    SHELL,
    FUNCTION,
    ARGUMENTS,
    PLATFORM_THREAD,
    SHIPPED,
    STDIN,
    STDOUT,
    STDERR,
    SUCCESS_CODES,
    INPUT,
    INPUT_JSON,
    INPUT_BASE64,
    RESULT,
    RESOURCES,
    IMAGE,
    ISOLATION,
    MOUNTS,
    CODE,
    ENVIRONMENT,
    WORKING_DIR,
    ENV,
    RETRIES,
    BACKOFF,
    TIME_LIMIT,
    PRIORITY,
    LABELS,
    HOLD
  };

  // ---- shell and shipped

  static final Key SCRIPT = Key.of("script", "the lines that the shell runs", "ls \"$1\"");
  static final Key PROGRAM = Key.of("program", "the shell; usually sh", "bash");
  static final Key SCRIPT_ARGUMENTS =
      Key.of("arguments", "a list of the arguments of the script", "[/data]", "args");
  static final Key BUNDLE =
      Key.of("bundle", "the SHA-256 of a bundle, 64 digits of 0-9 and a-f", "9f86d081...");
  static final Key SHIPPED_FUNCTION = Key.of("function", BASE64, "AAEC");
  static final Key SHIPPED_ARGUMENTS = Key.of("arguments", BASE64, "AAEC");

  // ---- resources

  static final Key CPU =
      Key.of(
          "cpu",
          "a number of cores above 0, up to 1,000,000, with up to four decimals",
          "2.5",
          "cpus",
          "cores");
  static final Key MEMORY =
      Key.of(
          "memory",
          "a size from 1 B to 1 EiB, with one of the units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB",
          "8GiB",
          "mem",
          "ram");
  static final Key GPU =
      Key.of(
          "gpu",
          "a number of GPUs above 0, up to 1,000,000, with up to four decimals",
          "1",
          "gpus");
  static final Key GPU_IDS =
      Key.of("gpuIds", "the ids of GPUs, separated by commas; 0-3 stands for four", "\"0,2\"");
  static final Key CAPACITY =
      Key.of(
          "capacity", "a whole number of job places from 1 to 1,000,000", "1", "slots", "places");
  static final Key CUSTOM =
      Key.of(
          "custom",
          "names of custom kinds, each with an amount above 0, up to 1,000,000,000, with up to four"
              + " decimals",
          "{TEMPERATURE_SENSOR: 1}");
  static final Key CUSTOM_IDS =
      Key.of(
          "customIds",
          "names of custom kinds, each with ids that are separated by commas",
          "{PORT: \"8000-8009\"}");
  static final Key TOKENS = Key.of("tokens", "a list of names of tokens", "[licence]", "token");
  static final Key WALL_TIME =
      Key.of(
          "wallTime",
          "a duration above zero, up to 3650 days, or a group of the keys soft and hard",
          "{soft: 5 min, hard: 20 min}");
  static final Key SOFT = Key.of("soft", DURATION, "5 min");
  static final Key HARD = Key.of("hard", DURATION, "20 min");

  static final Key[] OF_RESOURCES = {
    CPU, MEMORY, GPU, GPU_IDS, CAPACITY, CUSTOM, CUSTOM_IDS, TOKENS, WALL_TIME
  };

  // ---- isolation

  static final Key LOCAL_IMAGE =
      Key.of("localImage", "the name or id of an image that the workers have", "train:2");
  static final Key APPTAINER =
      Key.of(
          "apptainer", "the path of an image on the workers", "/images/train.sif", "singularity");
  static final Key JVM =
      Key.of("jvm", "worker, or the home of another Java on the workers", "worker", "java");
  static final Key NETWORK =
      Key.of("network", "none, host or the name of a network of the container engine", "none");
  static final Key USER = Key.of("user", "a name or an id, and maybe a group", "\"1000:1000\"");
  static final Key CAPABILITIES =
      Key.of("capabilities", "a list of Linux capabilities", "[NET_RAW]");
  static final Key READ_ONLY_ROOT = Key.of("readOnlyRoot", "true or false", "true");
  static final Key SHARED_MEMORY =
      Key.of("sharedMemory", "a size from 1 B to 1 EiB, with a unit", "1GiB", "shm");
  static final Key OPTIONS = Key.of("options", "a list of options of apptainer exec", "[--rocm]");
  static final Key FLAGS = Key.of("flags", "a list of flags of the JVM", "[-Xss4m]", "jvmFlags");

  static final Key[] OF_PLACES = {IMAGE, LOCAL_IMAGE, APPTAINER, JVM};
  static final Key[] OF_CONTAINERS = {NETWORK, USER, CAPABILITIES, READ_ONLY_ROOT, SHARED_MEMORY};
  static final Key[] OF_ISOLATION = {
    IMAGE,
    LOCAL_IMAGE,
    APPTAINER,
    JVM,
    NETWORK,
    USER,
    CAPABILITIES,
    READ_ONLY_ROOT,
    SHARED_MEMORY,
    OPTIONS,
    FLAGS
  };

  // ---- mounts, code and environments

  static final Key HOST = Key.of("host", "an absolute path on the worker", "/data", "source");
  static final Key PATH_IN_CONTAINER =
      Key.of("path", "an absolute path in the container", "/data", "target");
  static final Key READ_ONLY = Key.of("readOnly", "true or false", "true", "ro");

  static final Key GIT =
      Key.of("git", "the URL of a repository", "https://github.com/acme/jobs", "url");
  static final Key BRANCH =
      Key.of("branch", "the name of a branch, or refs/tags/NAME", "main", "ref", "tag");
  static final Key COMMIT =
      Key.of(
          "commit",
          "the SHA of a commit, 40 or 64 digits of 0-9 and a-f",
          "3f786850e387550fdab836ed7e6dc881de23001b",
          "sha");
  static final Key PATH_IN_REPO =
      Key.of("path", "a folder in the repository", "python", "pathInRepo", "folder");
  static final Key FOLDERS =
      Key.of("folders", "a list of absolute paths on the workers", "[/shared/jobs]", "folder");

  private static final String DEFINITION = "the file that defines it, a relative path";
  static final Key VENV = Key.of("venv", DEFINITION, "requirements.txt", "pip", "requirements");
  static final Key CONDA = Key.of("conda", DEFINITION, "environment.yml", "mamba");
  static final Key POETRY = Key.of("poetry", DEFINITION, "pyproject.toml");
  static final Key MAVEN = Key.of("maven", DEFINITION, "pom.xml");
  static final Key SETUP = Key.of("script", DEFINITION, "setup.sh");
  static final Key FILES =
      Key.of(
          "files",
          "the content of the files that define it, by their paths",
          "{requirements.txt: numpy==2.3.1}");
  static final Key INPUTS =
      Key.of("inputs", "a list of files and folders that the script reads", "[deps]");
  static final Key PYTHON = Key.of("python", "an interpreter of Python", "python3.12");

  static final Key[] OF_ENVIRONMENTS = {VENV, CONDA, POETRY, MAVEN, SETUP};
  static final Key[] OF_ENVIRONMENT = {
    VENV, CONDA, POETRY, MAVEN, SETUP, FILES, INPUTS, PYTHON, TIME_LIMIT
  };

  // ---- retries, and files of several jobs

  static final Key FIRST =
      Key.of("first", "a duration with a unit, or a number of seconds", "10 s");
  static final Key FACTOR = Key.of("factor", "a number, at least 1; usually 2", "1.5");
  static final Key MOST =
      Key.of("most", "a duration, not less than first and up to 365 days", "5 min", "max");

  static final Key DEFAULTS =
      Key.of("defaults", "what all jobs have that do not say otherwise", "{resources: {cpu: 2}}");
  static final Key JOBS = Key.of("jobs", "a list of jobs, at least one", "[{command: hostname}]");

  private Keys() {}
}
