from fastapi import Depends, FastAPI

from identity import caller

app = FastAPI()


@app.get("/orders")
def orders(who: dict = Depends(caller)):
    return {"orders": [], "caller": who}
