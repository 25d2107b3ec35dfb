from tx.configuration import config
