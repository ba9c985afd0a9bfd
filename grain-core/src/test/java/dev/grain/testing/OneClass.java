package dev.grain.testing;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs one class of tests as the build does, in this process or, as a program, in its own. */
final class OneClass {
  private OneClass() {}

  static TestExecutionSummary run(Class<?> test, Map<String, String> parameters) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(test))
            .configurationParameters(parameters)
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    return listener.getSummary();
  }

  /** Exits with 1 if a test fails, whose stack trace it prints. */
  public static void main(String[] arguments) throws ClassNotFoundException {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i < arguments.length; i += 2) {
      parameters.put(arguments[i], arguments[i + 1]);
    }
    TestExecutionSummary summary = run(Class.forName(arguments[0]), parameters);
    StringWriter failures = new StringWriter();
    summary.printFailuresTo(new PrintWriter(failures));
    System.out.println(failures);
    System.exit(summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
