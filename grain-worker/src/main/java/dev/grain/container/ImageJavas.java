package dev.grain.container;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.model.ContainerConfig;
import dev.grain.Allocation;
import dev.grain.message.ContainerSetting;
import dev.grain.message.ContainerSetting.Mount;
import dev.grain.node.isolated.JavaReport;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The Javas in images that functions ask for: each image is asked once, by a container in which its
 * Java describes itself. For all threads.
 */
final class ImageJavas {
  private static final long LIMIT = TimeUnit.MINUTES.toNanos(1);
  private static final String HOME = "JAVA_HOME";
  private static final List<String> CHOOSING =
      List.of(HOME, "PATH", "LD_LIBRARY_PATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

  /** What was wrong may be put right, in a folder that containers have of this machine. */
  private static final long REMEMBERED = TimeUnit.MINUTES.toNanos(1);

  /** More are not remembered, as their images may be gone. */
  private static final int MOST = 1000;

  private static final String PLAIN = "java";

  /** How an init process of containers, or an engine, says that there is no such program. */
  private static final List<Integer> NO_PROGRAM = List.of(126, 127);

  private static final String ADVICE =
      " Functions in containers need an image with Java 25 or later, as \"java\" on its PATH or in"
          + " its JAVA_HOME, for example eclipse-temurin:25.";

  private final Containers containers;
  private final Map<Key, Answer> answers = new ConcurrentHashMap<>();

  ImageJavas(Containers containers) {
    this.containers = containers;
  }

  /** What may make a difference for the Java that is found. */
  private record Key(
      String image, Map<String, String> environment, List<Mount> mounts, String user) {}

  /** What is known of one; guarded by itself. */
  private static final class Answer {
    private @Nullable String java;
    private @Nullable String objection;
    // when there was one
    private long since;

    boolean isNew() {
      return java == null && (objection == null || System.nanoTime() - since > REMEMBERED);
    }
  }

  /**
   * Returns the program that starts JVMs in containers of an image; blocks.
   *
   * @param setting with an image that the engine has
   * @param user who is to run it
   * @param name of the image, for people
   * @throws PreparationException if there is none that can run functions
   */
  String find(ContainerSetting setting, String user, String name)
      throws PreparationException, IOException, InterruptedException {
    InspectImageResponse image = containers.engine().inspect(setting.image());
    if (image == null) {
      // whoever makes the container says so
      return PLAIN;
    }
    Map<String, String> environment = new HashMap<>(setting.environment());
    environment.keySet().retainAll(CHOOSING);
    Key key = new Key(String.valueOf(image.getId()), environment, setting.mounts(), user);
    if (answers.size() >= MOST) {
      answers.clear();
    }
    Answer answer = answers.computeIfAbsent(key, _ -> new Answer());
    synchronized (answer) {
      if (answer.isNew()) {
        ask(answer, setting, user, image, name);
      }
      if (answer.java == null) {
        throw PreparationException.everywhere(
            "the image %s %s.".formatted(name, answer.objection) + ADVICE);
      }
      return answer.java;
    }
  }

  private void ask(
      Answer answer, ContainerSetting setting, String user, InspectImageResponse image, String name)
      throws PreparationException, IOException, InterruptedException {
    String objection = "has no Java";
    for (String program : candidates(setting, image)) {
      String printed = printed(setting, user, program, name);
      String wrong = printed == null ? objection : JavaReport.objection(printed);
      if (wrong == null) {
        answer.java = program;
        return;
      }
      if (printed != null) {
        objection = "has %s, which %s".formatted(program, wrong);
      }
    }
    answer.objection = objection;
    answer.since = System.nanoTime();
  }

  private static List<String> candidates(ContainerSetting setting, InspectImageResponse image) {
    String home = setting.environment().getOrDefault(HOME, homeOf(image));
    List<String> all = new ArrayList<>();
    if (home.startsWith("/")) {
      all.add(home + (home.endsWith("/") ? "" : "/") + "bin/java");
    }
    all.add(PLAIN);
    return all;
  }

  private static String homeOf(InspectImageResponse image) {
    ContainerConfig config = image.getConfig();
    String[] variables = config == null ? null : config.getEnv();
    if (variables != null) {
      for (String each : variables) {
        if (each.startsWith(HOME + "=")) {
          return each.substring(HOME.length() + 1);
        }
      }
    }
    return "";
  }

  /** Returns what a program says of itself; null if there is no such program. */
  private @Nullable String printed(
      ContainerSetting setting, String user, String program, String name)
      throws PreparationException, IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(JavaReport.QUESTION);
    ContainerPlan plan =
        new ContainerPlan(
            setting,
            new ContainerPlan.Program(words, true, setting.environment(), "", user, false),
            List.of(),
            Map.of(),
            new Allocation(List.of(), List.of(), 0, Map.of(), ""),
            0);
    try (ContainerOutput output = ContainerOutput.open(null, _ -> {})) {
      ContainerRun run = ContainerRun.start(containers, plan, output);
      try {
        if (!run.awaitEnd(LIMIT)) {
          // this machine may be too busy, which says nothing of the image
          throw PreparationException.here(
              "%s in the image %s does not say within a minute which Java it is"
                  .formatted(program, name));
        }
        return NO_PROGRAM.contains(run.code())
            ? null
            : new String(output.end().bytes(), StandardCharsets.UTF_8);
      } finally {
        run.container().remove();
      }
    } catch (NotPossible e) {
      if (e.reason().startsWith("exec: ")) {
        return null;
      }
      throw PreparationException.everywhere(e.reason());
    }
  }
}
