package dev.grain.environment;

import dev.grain.node.prepare.Progress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.spi.connector.transport.GetTask;
import org.eclipse.aether.spi.connector.transport.PeekTask;
import org.eclipse.aether.spi.connector.transport.PutTask;
import org.eclipse.aether.spi.connector.transport.Transporter;
import org.eclipse.aether.spi.connector.transport.TransporterFactory;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.NoTransporterException;
import org.eclipse.aether.transfer.TransferCancelledException;
import org.eclipse.aether.transfer.TransferEvent;

/** The transfers of one resolution, which tell how far they are, and which can be cancelled. */
final class MavenTransfers extends AbstractTransferListener {
  private final Progress progress;
  private final Set<Transporter> open = ConcurrentHashMap.newKeySet();
  // set by any thread
  private volatile boolean cancelled;

  MavenTransfers(Progress progress) {
    this.progress = progress;
  }

  /** Ends what is being transferred; nothing else can be. */
  void cancel() {
    cancelled = true;
    open.forEach(Transporter::close);
  }

  private void ensureNotCancelled() throws TransferCancelledException {
    if (cancelled) {
      throw new TransferCancelledException("cancelled");
    }
  }

  @Override
  public void transferInitiated(TransferEvent event) throws TransferCancelledException {
    ensureNotCancelled();
  }

  @Override
  public void transferProgressed(TransferEvent event) throws TransferCancelledException {
    ensureNotCancelled();
    String name = event.getResource().getResourceName();
    if (name.endsWith(".jar")) {
      progress.report(
          "downloading " + name.substring(name.lastIndexOf('/') + 1),
          event.getTransferredBytes(),
          Math.max(0, event.getResource().getContentLength()));
    }
  }

  /** Returns a system whose transfers are these. */
  RepositorySystem system() {
    return new RepositorySystemSupplier() {
      @Override
      protected Map<String, TransporterFactory> createTransporterFactories() {
        Map<String, TransporterFactory> factories = super.createTransporterFactories();
        factories.replaceAll((_, factory) -> new Factory(factory));
        return factories;
      }
    }.get();
  }

  private final class Factory implements TransporterFactory {
    private final TransporterFactory factory;

    Factory(TransporterFactory factory) {
      this.factory = factory;
    }

    @Override
    public Transporter newInstance(RepositorySystemSession session, RemoteRepository repository)
        throws NoTransporterException {
      // connections in the cache of a session would outlive their transporter
      RepositorySystemSession alone = new DefaultRepositorySystemSession(session).setCache(null);
      Transporter made = new Tracked(factory.newInstance(alone, repository));
      open.add(made);
      if (cancelled) {
        made.close();
      }
      return made;
    }

    @Override
    public float getPriority() {
      return factory.getPriority();
    }
  }

  private final class Tracked implements Transporter {
    private final Transporter transporter;

    Tracked(Transporter transporter) {
      this.transporter = transporter;
    }

    @Override
    public int classify(Throwable error) {
      return transporter.classify(error);
    }

    @Override
    public void peek(PeekTask task) throws Exception {
      transporter.peek(task);
    }

    @Override
    public void get(GetTask task) throws Exception {
      transporter.get(task);
    }

    @Override
    public void put(PutTask task) throws Exception {
      transporter.put(task);
    }

    @Override
    public void close() {
      transporter.close();
      open.remove(this);
    }
  }
}
