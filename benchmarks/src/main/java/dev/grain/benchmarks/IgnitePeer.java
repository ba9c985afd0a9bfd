package dev.grain.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCompute;
import org.apache.ignite.Ignition;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.lang.IgniteClosure;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.internal.TcpDiscoveryNode;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

/** Ignite's compute grid: the head is a client node, the worker a server with two threads. */
final class IgnitePeer implements Head {
  /** What its manual asks for on newer JDKs. */
  static final List<String> FLAGS =
      List.of(
          "-DIGNITE_QUIET=true",
          "-DIGNITE_NO_ASCII=true",
          "-DIGNITE_UPDATE_NOTIFIER=false",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/jdk.internal.access=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
          "--add-opens=java.management/com.sun.jmx.mbeanserver=ALL-UNNAMED",
          "--add-opens=jdk.internal.jvmstat/sun.jvmstat.monitor=ALL-UNNAMED",
          "--add-opens=java.base/sun.reflect.generics.reflectiveObjects=ALL-UNNAMED",
          "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.net=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
          "--add-opens=java.base/java.math=ALL-UNNAMED",
          "--add-opens=java.base/java.time=ALL-UNNAMED",
          "--add-opens=java.base/sun.security.ssl=ALL-UNNAMED",
          "--add-opens=java.sql/java.sql=ALL-UNNAMED");

  private static final long MEMORY = 64L << 20;

  private final IgniteCompute compute;

  private IgnitePeer(IgniteCompute compute) {
    this.compute = compute;
  }

  /** Joins the worker at that port. */
  static Head join(Path key, int port) {
    Ignite head = Ignition.start(config(key, "head", port).setClientMode(true));
    return new IgnitePeer(head.compute(head.cluster().forServers()));
  }

  /** Returns the port. */
  static int startWorker(Path key) {
    Ignite worker = Ignition.start(config(key, "worker", TcpDiscoverySpi.DFLT_PORT));
    return ((TcpDiscoveryNode) worker.cluster().localNode()).discoveryPort();
  }

  private static IgniteConfiguration config(Path key, String name, int port) {
    TcpDiscoverySpi discovery =
        new TcpDiscoverySpi()
            .setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(List.of("127.0.0.1:" + port)));
    return new IgniteConfiguration()
        .setIgniteInstanceName(name)
        .setWorkDirectory(key.resolveSibling("ignite-" + name).toString())
        .setLocalHost("127.0.0.1")
        .setDiscoverySpi(discovery)
        .setPublicThreadPoolSize(2)
        .setMetricsLogFrequency(0)
        .setGridLogger(new NullLogger())
        .setDataStorageConfiguration(
            new DataStorageConfiguration()
                .setDefaultDataRegionConfiguration(
                    new DataRegionConfiguration().setInitialSize(MEMORY).setMaxSize(MEMORY)));
  }

  /** An empty job. */
  static final class Increment implements IgniteClosure<Integer, Integer> {
    private static final long serialVersionUID = 1;

    @Override
    public Integer apply(Integer number) {
      return Jobs.increment(number);
    }
  }

  @Override
  public long throughput(Load load, int jobs) {
    List<IgniteFuture<Integer>> futures = new ArrayList<>(jobs);
    Increment function = new Increment();
    for (int i = 0; i < jobs; i++) {
      futures.add(compute.applyAsync(function, i));
    }
    long sum = 0;
    for (IgniteFuture<Integer> future : futures.reversed()) {
      sum += future.get();
    }
    return sum;
  }

  @Override
  public int call(int number) {
    return compute.apply(new Increment(), number);
  }
}
