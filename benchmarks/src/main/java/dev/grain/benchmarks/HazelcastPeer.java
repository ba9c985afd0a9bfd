package dev.grain.benchmarks;

import com.hazelcast.cluster.memberselector.MemberSelectors;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/**
 * Hazelcast's executor service: the head is a member without data, the worker one with two threads.
 */
final class HazelcastPeer implements Head {
  /** What its manual asks for on newer JDKs. */
  static final List<String> FLAGS =
      List.of(
          "--add-modules=java.se",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.management/sun.management=ALL-UNNAMED",
          "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED");

  private static final String EXECUTOR = "bench";
  private static final int FACTORY = 1;

  private final IExecutorService executor;

  private HazelcastPeer(IExecutorService executor) {
    this.executor = executor;
  }

  /** Joins the worker at that port. */
  static Head join(Path key, int port) {
    Config config = config(key).setLiteMember(true);
    config.getNetworkConfig().getJoin().getTcpIpConfig().addMember("127.0.0.1:" + port);
    return new HazelcastPeer(Hazelcast.newHazelcastInstance(config).getExecutorService(EXECUTOR));
  }

  /** Returns the port. */
  static int startWorker(Path key) {
    HazelcastInstance worker = Hazelcast.newHazelcastInstance(config(key));
    return worker.getCluster().getLocalMember().getAddress().getPort();
  }

  private static Config config(Path key) {
    Config config = new Config();
    config.setClusterName(key.toString()); // so that it meets no other
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.getExecutorConfig(EXECUTOR).setPoolSize(2);
    config.getSerializationConfig().addDataSerializableFactory(FACTORY, _ -> new Increment());
    NetworkConfig network = config.getNetworkConfig();
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    return config;
  }

  /** An empty job, encoded in the fastest way there is. */
  static final class Increment implements Callable<Integer>, IdentifiedDataSerializable {
    // set before it is encoded, or while it is decoded
    private int number;

    static Increment of(int number) {
      Increment job = new Increment();
      job.number = number;
      return job;
    }

    @Override
    public Integer call() {
      return Jobs.increment(number);
    }

    @Override
    public int getFactoryId() {
      return FACTORY;
    }

    @Override
    public int getClassId() {
      return 1;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
      out.writeInt(number);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
      number = in.readInt();
    }
  }

  @Override
  public long throughput(Load load, int jobs) throws Exception {
    List<Future<Integer>> futures = new ArrayList<>(jobs);
    for (int i = 0; i < jobs; i++) {
      futures.add(submit(i));
    }
    long sum = 0;
    for (Future<Integer> future : futures.reversed()) {
      sum += future.get();
    }
    return sum;
  }

  private Future<Integer> submit(int number) {
    return executor.submit(Increment.of(number), MemberSelectors.DATA_MEMBER_SELECTOR);
  }

  @Override
  public int call(int number) throws Exception {
    return submit(number).get();
  }
}
