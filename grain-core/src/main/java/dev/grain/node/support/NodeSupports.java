package dev.grain.node.support;

import dev.grain.message.AttemptEnd;
import dev.grain.node.JobRunner;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.prepare.PreparationException;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The support of one node, which is made when it is needed first. Safe for all threads. */
public final class NodeSupports implements AutoCloseable {
  private static final String MISSING =
      "Code from git, environments and containers need the artifact dev.grain:grain-worker on the"
          + " class path";

  private final SupportSettings settings;

  // both guarded by this
  private @Nullable NodeSupport made;
  private boolean closed;

  /** Makes one that has made nothing yet. */
  public NodeSupports(SupportSettings settings) {
    this.settings = settings;
  }

  /** Returns whether this process has the libraries. */
  public static boolean isPresent() {
    return NodeSupports.class
            .getClassLoader()
            .getResource("META-INF/services/" + NodeSupportFactory.class.getName())
        != null;
  }

  /**
   * Returns the factory of this process.
   *
   * @throws PreparationException if there is none; the message says which artifact has it
   */
  public static NodeSupportFactory find() throws PreparationException {
    try {
      return ServiceLoader.load(NodeSupportFactory.class, NodeSupports.class.getClassLoader())
          .findFirst()
          .orElseThrow(() -> PreparationException.everywhere(MISSING + "."));
    } catch (ServiceConfigurationError e) {
      throw PreparationException.everywhere(
          MISSING + ", beside that of dev.grain:grain-core (" + e.getMessage() + ").");
    }
  }

  /**
   * Returns the support, which is made now if it was not.
   *
   * @throws PreparationException if there is none, or it was closed
   */
  public synchronized NodeSupport get() throws PreparationException {
    if (closed) {
      throw PreparationException.here("The worker is ending.");
    }
    if (made == null) {
      made = find().open(settings);
    }
    return made;
  }

  /** Returns what runs commands in containers. */
  public JobRunner containerCommands() {
    return (order, allocation, ready, events) -> {
      try {
        return get().containerCommands().start(order, allocation, ready, events);
      } catch (PreparationException e) {
        events.notRun(new AttemptEnd.Unable(String.valueOf(e.getMessage())));
        return () -> {};
      }
    };
  }

  /** Returns what starts JVMs for functions in containers. */
  public JvmLauncher containerJvms() {
    return request -> get().containerJvms().prepare(request);
  }

  /** Closes what was made. */
  @Override
  public void close() {
    NodeSupport mine;
    synchronized (this) {
      closed = true;
      mine = made;
    }
    if (mine != null) {
      mine.close();
    }
  }
}
