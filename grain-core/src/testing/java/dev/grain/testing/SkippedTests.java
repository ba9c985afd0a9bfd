package dev.grain.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Appends a line for each test that was skipped, and why, to the file that the configuration
 * parameter {@code grain.test.skipped} names. The build prints these files at its end.
 */
public final class SkippedTests implements TestExecutionListener {
  private static final String ASSUMPTION = "Assumption failed: ";

  // those of the running plan, set before its first test
  private @Nullable TestPlan plan;
  private Optional<Path> file = Optional.empty();

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    this.plan = plan;
    file = plan.getConfigurationParameters().get("grain.test.skipped").map(Path::of);
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    append(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      append(test, result.getThrowable().map(Throwable::getMessage).orElse(null));
    }
  }

  /** Each test of a class that is skipped as a whole has its line. */
  private void append(TestIdentifier skipped, @Nullable String reason) {
    List<TestIdentifier> tests =
        plan == null
            ? List.of()
            : plan.getDescendants(skipped).stream().filter(TestIdentifier::isTest).toList();
    for (TestIdentifier test : tests.isEmpty() ? List.of(skipped) : tests) {
      file.ifPresent(to -> append(to, test, reason));
    }
  }

  private static void append(Path file, TestIdentifier test, @Nullable String reason) {
    String line = name(test) + ": " + inOneLine(reason) + "\n";
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(TestIdentifier test) {
    TestSource source = test.getSource().orElse(null);
    return switch (source) {
      case MethodSource method -> simple(method.getClassName()) + "." + method.getMethodName();
      case ClassSource of -> simple(of.getClassName());
      case null, default -> test.getDisplayName();
    };
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static String inOneLine(@Nullable String reason) {
    if (reason == null || reason.isBlank()) {
      return "no reason is given";
    }
    String text = reason.startsWith(ASSUMPTION) ? reason.substring(ASSUMPTION.length()) : reason;
    return text.strip().replaceAll("\\s+", " ");
  }
}
