import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** mongo-java-server in memory, on a free loopback port. Prints its connection string and ends when its standard input does. */
public class Witness {
  /** It names itself older than current drivers accept, though it speaks all they need. */
  private static final MongoVersion RECENT = new MongoVersion() {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(6, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 17;
    }
  };

  public static void main(String[] args) throws Exception {
    MongoServer server = new MongoServer(new MemoryBackend().version(RECENT));
    System.out.println(server.bindAndGetConnectionString());
    while (System.in.read() != -1) continue;
    server.shutdownNow();
  }
}
